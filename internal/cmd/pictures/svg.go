package main

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// margin is what is left around a picture's content, in pixels.
const margin = 20

// begin returns an SVG's beginning. Its style sheet follows the reader's choice of
// light or dark; the label is for those who can't see the picture.
func begin(width, height int, label, style string) string {
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n<title>%s</title>\n<style>\n%s\n</style>\n",
		width, height, width, height, escape(label), style)
}

// escape returns text as it stands between two tags.
func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err) // a Builder takes whatever it is given
	}
	return b.String()
}
