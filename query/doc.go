// Package query finds the matches or opponents that a player asks for: it is the search language of match labels and
// matchmaker properties.
//
// [Parse] compiles a query once; [Query.Match] tests it against any number of documents. A [Doc] is what is searched:
// the indexed fields of one match, or the properties of one matchmaker ticket.
//
// # The language
//
// A query is a list of terms with spaces between them:
//
//	+label.mode:ffa +label.skill:>=50 -label.full:T label.region:eu
//
// finds matches with mode ffa, a skill of at least 50 and not full; those in region eu come first.
//
//	term                     is true for a document with
//	----                     ---------------------------
//	label.mode:ffa           the text ffa as a whole value; upper and lower case differ
//	label.level:60           the number 60, however written (60.0), or the text "60"
//	label.temp:-3            the number -3, or the text "-3"
//	label.skill:>50          a number above 50; also >=50, <50, <=50; never true for texts, not even "60"
//	label.open:T             the boolean true, or the text "T"; F is false (the words true and false are texts)
//	label.mode:"two words"   exactly this text; never a number or a boolean
//	label.map:de_*           a text that starts with de_; * is any run of characters, ? is exactly one
//	label.map:/de_[a-z]+/    a text that the regular expression matches from its first to its last character
//	label.map:*              any value at all in this field
//	label.name:shaol~1       a text that one edit makes of shaol, or none: a character more, less or another, or two
//	                         neighbours swapped; ~2 allows two edits, ~ alone is ~1
//	label.end:>"2026-01-31"  a date after this one; also >=, <, <=
//	*                        nothing in particular: always true
//
// Nested objects are reached with dots (label.rules.laps:3). Of an array, any element will do. Field names have no
// wildcards.
//
// In front of a term stands what it is for:
//
//	+term                    must be true
//	-term                    must not be true
//	term                     should be true
//
// When there is a +term, the plain terms only add to the score. When there is none, at least one plain term must be
// true. When all terms have a minus, every other document matches.
//
// The score is the sum of what the + and plain terms that are true add. Each adds 1, or what a boost behind it says:
// label.region:eu^2.5 adds 2.5, from 0 to [MaxBoost]. A fuzzy term adds less for each edit, see [Clause.Score]. The empty
// query matches everything, with score 0.
//
// A term without a field (ffa, or the words AND, OR and NOT, which mean nothing here) is true for no document. It is
// not an error, because queries with such words work on the reference server as long as another term is true.
//
// # Special characters
//
// A backslash takes the meaning from the next character, if that is a space or one of
//
//	= & | > < ! ( ) { } [ ] ^ " ~ * ? : \ / + -
//
// In front of any other character the backslash is part of the text. Inside quotes only \" and \\ are needed. A text
// that begins with + or - (and is not a number) is written in quotes or with a backslash, one with a colon, ^ or ~ too.
//
// A value that begins and ends with a slash is a regular expression; any other with slashes (/maps/dust) is a text.
// Regular expressions are those of package regexp: no look-around, and matching time linear in the length of the text.
// The same backslashes are taken off first, so that \. and \d arrive as they are, but a literal + is written \\+ or
// [+]. Spaces need a backslash; ^ ~ : do not. (?i) makes it ignore case.
//
// # Dates
//
// A date in a document is a text like others, which date ranges understand in these forms; [Time] makes one:
//
//	2026-01-31T12:30:00Z, 2026-01-31T12:30:00+01:00, 2026-01-31T12:30:00, 2026-01-31 12:30:00, 2026-01-31
//
// Seconds may have a fraction. Without a zone the time is UTC. The forms are the same in a query.
//
// # Differences from the reference server
//
// The language is that of Nakama (Bluge query strings). What works there means the same here, but where this list says
// otherwise; a test compares the two (query/blugetest). These are traps there, or do nothing useful, and differ on
// purpose:
//
//   - A boost counts once; there it is squared for texts (a:x^3 adds 9), not for numbers, their ranges and patterns, and
//     does nothing for date ranges.
//   - A boost is a decimal number from 0, also of a fuzzy term; there it may be negative, or in any form of a float.
//   - A fuzzy term adds nothing where there it takes points away, which only happens to texts of one or two characters.
//   - Where all terms have a minus the score is 0; there it is 1, for all alike.
//   - A quoted value is the exact text; there it never matches.
//   - A lone * is always true, wherever it stands; there only as the whole query. So -* matches nothing.
//   - An escaped \* \? or \/ is that character; there it still makes a wildcard or a regular expression.
//   - A regular expression may contain ^ ~ and : without backslashes; there that is an error. A text that is just "/"
//     is a text.
//   - A bad regular expression, and a distance above 2, are errors of Parse; there the query is accepted and every search
//     fails.
//   - Tabs and line breaks separate terms as spaces do, and a query of nothing but spaces is an empty one.
//   - A trailing backslash, and text glued to a closing quote, are errors; there they are dropped or never match.
//   - A term adds its points once, also when several elements of an array make it true.
//   - Patterns and fuzzy terms see no numbers, ranges of numbers no dates, and date ranges no numbers; there they see how
//     these are coded, and find some by accident.
//   - A field may be named by a number.
//   - A text that looks like a date can be searched as a text as well; there only by ranges. A range may be of any of the
//     forms; there only of full RFC 3339.
//
// # Limits
//
// Queries come from players, so their cost is bounded: [MaxLength] bytes, [MaxClauses] terms, and a limit on the
// compiled size of all regular expressions together.
package query
