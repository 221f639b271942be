// Package skill rates players by the games they have played: the model of Weng and Lin (2011) with the ranking of Plackett
// and Luce, for any number of teams of any sizes.
//
//	ann, bob := skill.New(), skill.New()
//	after, err := skill.Rate([][]skill.Rating{{ann}, {bob}}, []int{1, 2}) // ann has won
//
// A rating is what is believed of a player: a mean and how uncertain it is. Ratings are numbers that a host keeps, for
// instance as a document of each player, and gives to the matchmaker as numeric properties.
package skill
