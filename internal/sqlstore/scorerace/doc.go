// Package scorerace measures what a score costs in a store beside the least that its database can do about it.
package scorerace
