package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The measures of a terminal, in pixels. A character's width is set by textLength
// too, so that columns align in whichever font the reader has.
const (
	charWidth    = 8
	lineHeight   = 19
	textBaseline = 14
)

// style is how a terminal shows a character: names of classes in the picture's
// style sheet.
type style struct {
	bold, dim, underline bool
	colour               int // 30 to 37 and 90 to 97 as in ANSI; 0 is the terminal's own
}

func (s style) classes() string {
	var names []string
	if s.bold {
		names = append(names, "b")
	}
	if s.dim {
		names = append(names, "d")
	}
	if s.underline {
		names = append(names, "u")
	}
	if s.colour != 0 {
		names = append(names, "c"+strconv.Itoa(s.colour))
	}
	return strings.Join(names, " ")
}

// apply changes the style as the numbers of an escape sequence say; it ignores
// those that no CLI here uses.
func (s style) apply(numbers string) style {
	for number := range strings.SplitSeq(numbers, ";") {
		switch n, _ := strconv.Atoi(number); {
		case n == 0:
			s = style{}
		case n == 1:
			s.bold = true
		case n == 2:
			s.dim = true
		case n == 4:
			s.underline = true
		case n == 22:
			s.bold, s.dim = false, false
		case n == 24:
			s.underline = false
		case n == 39:
			s.colour = 0
		case n >= 30 && n <= 37 || n >= 90 && n <= 97:
			s.colour = n
		}
	}
	return s
}

// span is characters of one style beside each other in a line.
type span struct {
	column int
	style  style
	text   string
}

// screen lays out what a program printed on a terminal of some columns: lines of
// spans, wrapped as a terminal wraps them.
func screen(printed string, columns int) [][]span {
	lines := [][]span{nil}
	var now style
	column := 0
	for printed != "" {
		if rest, ok := strings.CutPrefix(printed, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				break
			}
			if rest[end] == 'm' {
				now = now.apply(rest[:end])
			}
			printed = rest[end+1:]
			continue
		}
		r, size := utf8.DecodeRuneInString(printed)
		printed = printed[size:]
		switch {
		case r == '\n':
			lines, column = append(lines, nil), 0
			continue
		case r < ' ':
			continue
		case column == columns:
			lines, column = append(lines, nil), 0
		}
		line := &lines[len(lines)-1]
		if last := len(*line) - 1; last < 0 || (*line)[last].style != now {
			*line = append(*line, span{column: column, style: now})
		}
		(*line)[len(*line)-1].text += string(r)
		column++
	}
	for len(lines) > 0 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// terminal draws what was printed on a terminal as an SVG; label is what it shows,
// for those who can't see it.
func terminal(printed, label string, columns int) string {
	lines := screen(printed, columns)
	width, height := columns*charWidth+2*margin, len(lines)*lineHeight+2*margin
	var b strings.Builder
	b.WriteString(begin(width, height, label, terminalStyle))
	fmt.Fprintf(&b, "<rect class=\"screen\" x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n", width-1, height-1)
	for i, line := range lines {
		for _, s := range line {
			text := strings.TrimLeft(s.text, " ")
			column := s.column + len(s.text) - len(text)
			text = strings.TrimRight(text, " ")
			if text == "" {
				continue
			}
			fmt.Fprintf(&b, "<text class=\"%s\" x=\"%d\" y=\"%d\" textLength=\"%d\">%s</text>\n", s.style.classes(),
				margin+column*charWidth, margin+i*lineHeight+textBaseline, utf8.RuneCountInString(text)*charWidth, escape(text))
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

const terminalStyle = `text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre; }
.screen { fill: #f6f8fa; stroke: #d1d9e0; }
.b { font-weight: 600; } .d { opacity: .7; } .u { text-decoration: underline; }
.c31, .c91 { fill: #cf222e; } .c32, .c92 { fill: #116329; } .c33, .c93 { fill: #7d4e00; } .c34, .c94 { fill: #0550ae; }
.c35, .c95 { fill: #8250df; } .c36, .c96 { fill: #1b7c83; } .c30, .c90, .c37, .c97 { fill: #59636e; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .screen { fill: #161b22; stroke: #3d444d; }
.c31, .c91 { fill: #ff7b72; } .c32, .c92 { fill: #3fb950; } .c33, .c93 { fill: #e3b341; } .c34, .c94 { fill: #58a6ff; }
.c35, .c95 { fill: #bc8cff; } .c36, .c96 { fill: #39c5cf; } .c30, .c90, .c37, .c97 { fill: #9198a1; }
}`
