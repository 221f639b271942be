package query

// test reads what follows the name of a field, from the colon on.
func (p *parser) test(field string) (Clause, error) {
	colon := p.pos
	p.pos++
	if p.skipSpaces(); p.end() {
		return Clause{}, p.fail(colon, "no value after the colon")
	}
	switch c := p.src[p.pos]; c {
	case '"':
		text, err := p.quoted()
		return Clause{Field: field, Test: EqualText, Text: text}, err
	case '<', '>':
		return p.comparison(field)
	case '/':
		if raw := cutRegexp(p.upToSpace()); raw != "" {
			return p.regexp(field, raw)
		}
	case ':', '=', '+', '^', '~':
		return Clause{}, p.fail(p.pos, "a value that begins with "+string(c)+" needs a backslash or quotes")
	}
	return p.value(field)
}

// value reads a plain value, a fuzzy one or a wildcard.
func (p *parser) value(field string) (Clause, error) {
	start := p.pos
	raw, err := p.word()
	if err != nil {
		return Clause{}, err
	}
	if !p.end() && p.src[p.pos] == ':' {
		return Clause{}, p.fail(p.pos, `a colon in a value needs a backslash (\:) or quotes around the value`)
	}
	n, isNumber := number(raw)
	switch {
	case isNumber && p.next('~'):
		return Clause{}, p.fail(p.pos, "a number cannot be fuzzy")
	case isNumber:
		return Clause{Field: field, Test: EqualNumber, Text: raw, Number: n}, nil
	case raw[0] == '-':
		return Clause{}, p.fail(start, "a value that begins with - and is not a number needs a backslash or quotes")
	case p.next('~'):
		return p.fuzzy(field, unescape(raw))
	}
	switch wildcard := compilePattern(raw); {
	case wildcard == nil:
		return Clause{Field: field, Test: Equal, Text: unescape(raw)}, nil
	case wildcard.takesAll():
		return Clause{Field: field, Test: Present}, nil
	default:
		return Clause{Field: field, Test: Wildcard, Text: raw, pattern: wildcard}, nil
	}
}

// fuzzy reads the distance behind a text; * and ? have no meaning in it.
func (p *parser) fuzzy(field, text string) (Clause, error) {
	n, err := p.distance()
	if n == 0 {
		return Clause{Field: field, Test: Equal, Text: text}, err
	}
	return Clause{Field: field, Test: Fuzzy, Text: text, Distance: n, pattern: pattern(text)}, nil
}

// comparison reads >, >=, < or <=, and the number or the date behind it.
func (p *parser) comparison(field string) (Clause, error) {
	c := Clause{Field: field, Test: Greater}
	if p.src[p.pos] == '<' {
		c.Test = Less
	}
	p.pos++
	if !p.end() && p.src[p.pos] == '=' {
		c.Test++ // Greater to AtLeast, Less to AtMost
		p.pos++
	}
	p.skipSpaces()
	start := p.pos
	if !p.end() && p.src[p.pos] == '"' {
		return p.date(c)
	}
	raw, err := p.word()
	if err != nil {
		return Clause{}, err
	}
	var ok bool
	if c.Number, ok = number(raw); !ok {
		return Clause{}, p.fail(start, `a comparison needs a number such as 60 or -1.5, or a date in quotes`)
	}
	return c, nil
}

// date reads the date of a comparison that would be one of numbers.
func (p *parser) date(c Clause) (Clause, error) {
	start := p.pos
	text, err := p.quoted()
	if err != nil {
		return Clause{}, err
	}
	var ok bool
	if c.Time, ok = parseTime(text); !ok {
		return Clause{}, p.fail(start, "a date is written as in 2026-01-31T00:00:00Z")
	}
	c.Text = text
	c.Test += After - Greater
	return c, nil
}

// regexp reads a regular expression; raw is the word it is, with both slashes.
func (p *parser) regexp(field, raw string) (Clause, error) {
	c := Clause{Field: field, Test: Regexp, Text: unescape(raw[1 : len(raw)-1])}
	re, price, err := compileRegexp(c.Text, p.budget)
	if err != nil {
		return Clause{}, p.fail(p.pos, err.Error())
	}
	c.re, c.price = re, uint16(price)
	p.budget -= price
	p.pos += len(raw)
	return c, nil
}

// quoted reads a text in quotes and returns it without backslashes.
func (p *parser) quoted() (string, error) {
	open := p.pos
	for p.pos++; !p.end() && p.src[p.pos] != '"'; p.pos++ {
		if isEscape(p.src, p.pos) {
			p.pos++
		}
	}
	if p.end() {
		return "", p.fail(open, "unclosed quote")
	}
	text := unescape(p.src[open+1 : p.pos])
	p.pos++
	if p.end() || isSpace(p.src[p.pos]) || p.src[p.pos] == '^' {
		return text, nil
	}
	return "", p.fail(p.pos, "a closing quote needs a space after it")
}

// word reads up to a space, one of :^~ or the end, and returns what it read with its backslashes.
func (p *parser) word() (string, error) {
	start := p.pos
	for ; !p.end() && !endsWord(p.src[p.pos]); p.pos++ {
		if isEscape(p.src, p.pos) {
			p.pos++
		} else if p.src[p.pos] == '\\' && p.pos+1 == len(p.src) {
			return "", p.fail(p.pos, "nothing after the backslash")
		}
	}
	return p.src[start:p.pos], nil
}

// upToSpace returns the text up to a space or the end, and leaves it to be read.
func (p *parser) upToSpace() string {
	i := p.pos
	for ; i < len(p.src) && !isSpace(p.src[i]); i++ {
		if isEscape(p.src, i) {
			i++
		}
	}
	return p.src[p.pos:i]
}
