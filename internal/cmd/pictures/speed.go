package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// speed is speed.json: how long whole plans take.
type speed struct {
	Caption string   `json:"caption"`
	Series  []series `json:"series"` // this provider's first
}

// series is the figures of one way to read a portal. For this provider, `make
// bench` writes them.
type series struct {
	Name       string            `json:"name"`
	Measured   string            `json:"measured"`   // the date
	Conditions string            `json:"conditions"` // in a few words
	Plans      map[string]figure `json:"plans"`      // by the portal's size, such as 40x100
}

// figure is what one plan took.
type figure struct {
	Seconds   float64 `json:"seconds,omitempty"`   // 0: there is only a note
	Mebibytes int     `json:"mebibytes,omitempty"` // of memory
	Note      string  `json:"note,omitempty"`
}

func (f figure) String() string {
	var parts []string
	if f.Seconds > 0 {
		parts = append(parts, strconv.FormatFloat(f.Seconds, 'f', -1, 64)+" s")
	}
	if f.Mebibytes > 0 {
		parts = append(parts, strconv.Itoa(f.Mebibytes)+" MiB")
	}
	if f.Note != "" {
		parts = append(parts, f.Note)
	}
	return strings.Join(parts, ", ")
}

func readSpeed(path string) (s speed, err error) {
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, &s)
	}
	return s, err
}

// write puts s back into speed.json.
func (s speed) write(path string) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// sizes are the portals of the chart, servers × tools.
var sizes = []string{"6x25", "40x30", "40x100", "40x250"}

const (
	chartWidth = 760
	rowHeight  = 20 // of the legend and of a note
	barHeight  = 18
	barGap     = 4
	groupGap   = 18
	barsLeft   = 108
	barsWidth  = 460
	maxSeconds = 5 // where a bar is cut off
)

// chart draws a group for each portal, and in it a bar for each series.
func (s speed) chart() string {
	var b strings.Builder
	text := func(class string, x, y float64, text string) {
		fmt.Fprintf(&b, "<text class=\"%s\" x=\"%.4g\" y=\"%.4g\">%s</text>\n", class, x, y, escape(text))
	}
	bar := func(series int, x, y, width, height float64) {
		fmt.Fprintf(&b, "<rect class=\"s%d\" x=\"%.4g\" y=\"%.4g\" width=\"%.4g\" height=\"%g\" rx=\"2\"/>\n", series, x, y, width, height)
	}

	y := float64(margin)
	text("h", margin, y+14, s.Caption)
	y += 32
	for i, series := range s.Series {
		bar(i, margin, y+2, 12, 12)
		text("t", margin+20, y+13, series.Name)
		y += rowHeight
	}
	for _, size := range sizes {
		y += groupGap
		text("e", barsLeft-14, y+14, strings.Replace(size, "x", " × ", 1))
		for i, series := range s.Series {
			f, ok := series.Plans[size]
			if !ok {
				continue
			}
			if f.Seconds == 0 {
				text("n", barsLeft+2, y+14, f.String())
				y += barHeight + barGap
				continue
			}
			width := min(f.Seconds, maxSeconds) / maxSeconds * barsWidth
			bar(i, barsLeft, y, width, barHeight)
			if f.Seconds > maxSeconds { // two gaps: the bar goes on
				fmt.Fprintf(&b, "<path class=\"cut\" d=\"M%.4g %gl6 -22m4 22l6 -22\"/>\n", barsLeft+width-36, y+barHeight+2)
			}
			text("t", barsLeft+width+8, y+14, f.String())
			y += barHeight + barGap
		}
	}
	y += groupGap
	for _, note := range s.notes() {
		text("n", margin, y+14, note)
		y += rowHeight
	}
	height := int(y) + margin - 4
	return begin(chartWidth, height, s.Caption, chartStyle) +
		fmt.Sprintf("<rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n", chartWidth-1, height-1) +
		b.String() + "</svg>\n"
}

// notes say when and how the figures were measured, and whether all at once:
// figures of two runs, or of two machines, say little beside each other.
func (s speed) notes() []string {
	how := func(series series) string { return series.Measured + ", " + series.Conditions + "." }
	ours := how(s.Series[0])
	var others []string
	for _, series := range s.Series[1:] {
		others = append(others, how(series))
	}
	others = slices.Compact(others)
	if slices.Equal(others, []string{ours}) {
		return []string{"Measured " + ours}
	}
	return []string{"Not measured in one run. " + s.Series[0].Name + ": " + ours, "The others: " + strings.Join(others, " ")}
}

const chartStyle = `text { font: 14px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, "Liberation Sans", sans-serif; fill: #1f2328; }
.h { font-size: 15px; font-weight: 600; } .e { font-weight: 600; text-anchor: end; } .n { font-size: 12.5px; fill: #59636e; }
.card { fill: #fff; stroke: #d1d9e0; } .cut { stroke: #fff; stroke-width: 3; fill: none; }
.s0 { fill: #0969da; } .s1 { fill: #9aa4ae; } .s2 { fill: #e5884a; } .s3 { fill: none; stroke: #818b98; stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .n { fill: #9198a1; } .card { fill: #161b22; stroke: #3d444d; } .cut { stroke: #161b22; }
.s0 { fill: #388bfd; } .s1 { fill: #6e7681; } .s2 { fill: #d18616; } .s3 { stroke: #9198a1; }
}`
