package shown

import "strings"

// Code returns escaped text as a span of code in Markdown, whatever it contains.
func Code(text string) string {
	ticks := strings.Repeat("`", longestRun(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.HasPrefix(text, " ") && strings.HasSuffix(text, " ") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// Fence appends lines of escaped text as a block of code in Markdown, which no line of
// it can end. Each line begins with the indent.
func Fence(out []byte, indent, language, lines string) []byte {
	ticks := strings.Repeat("`", max(3, longestRun(lines)+1))
	out = append(append(append(append(out, indent...), ticks...), language...), '\n')
	for line := range strings.Lines(lines) {
		out = append(append(out, indent...), line...)
	}
	return append(append(append(out, indent...), ticks...), '\n')
}

// longestRun returns how many backticks stand in a row in a text, at the most.
func longestRun(text string) int {
	longest, run := 0, 0
	for i := range len(text) {
		if run++; text[i] != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
