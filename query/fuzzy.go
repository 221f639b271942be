package query

import "unicode/utf8"

// band is how many cells of a row of the table of edits matter: those at most MaxDistance from its diagonal.
const band = 2*MaxDistance + 1

// edits counts the edits that make text from term, if they are no more than limit, which is at most MaxDistance: a
// character less, a character more, another character, or two neighbours swapped. Its time is linear in the texts.
func edits(term []rune, text string, limit int) (n int, ok bool) {
	if len(text) < len(term)-limit || len(text) > utf8.UTFMax*(len(term)+limit) {
		return 0, false
	}
	// Cell k of row i has the edits between the first i characters of text and the first i+k-MaxDistance of term.
	var before, last, row [band]int
	for k := range last {
		before[k], last[k] = MaxDistance+1, max(k-MaxDistance, 0)
		if k < MaxDistance {
			last[k] = MaxDistance + 1
		}
	}
	i, previous := 0, rune(-1)
	for _, r := range text {
		i++
		for k := range row {
			row[k] = MaxDistance + 1
			j := i + k - MaxDistance
			switch {
			case j < 0 || j > len(term):
				continue
			case j == 0:
				row[k] = min(row[k], i)
				continue
			}
			cost := last[k]
			if term[j-1] != r {
				cost++
			}
			if k > 0 {
				cost = min(cost, row[k-1]+1)
			}
			if k+1 < band {
				cost = min(cost, last[k+1]+1)
			}
			if i > 1 && j > 1 && term[j-1] == previous && term[j-2] == r {
				cost = min(cost, before[k]+1)
			}
			row[k] = min(row[k], cost)
		}
		if min(row[0], row[1], row[2], row[3], row[4]) > limit && min(last[0], last[1], last[2], last[3], last[4]) > limit {
			return 0, false
		}
		before, last, previous = last, row, r
	}
	k := len(term) - i + MaxDistance
	if k < 0 || k >= band || last[k] > limit {
		return 0, false
	}
	return last[k], true
}
