package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestScreen(t *testing.T) {
	t.Parallel()
	bold, green := style{bold: true}, style{colour: 32}
	tests := map[string]struct {
		printed string
		want    [][]span
	}{
		"nothing":                 {"", [][]span{}},
		"plain":                   {"ab\ncd\n", [][]span{{{0, style{}, "ab"}}, {{0, style{}, "cd"}}}},
		"empty lines":             {"\na\n\n\n", [][]span{nil, {{0, style{}, "a"}}}},
		"colours":                 {"\x1b[1ma\x1b[0m \x1b[32m+\x1b[39mb", [][]span{{{0, bold, "a"}, {1, style{}, " "}, {2, green, "+"}, {3, style{}, "b"}}}},
		"one style, written anew": {"\x1b[0m\x1b[1ma\x1b[0m\x1b[1mb\x1b[22m", [][]span{{{0, bold, "ab"}}}},
		"several numbers":         {"\x1b[1;32ma", [][]span{{{0, style{bold: true, colour: 32}, "a"}}}},
		"other sequences":         {"a\x1b[2K\x1b[38mb", [][]span{{{0, style{}, "ab"}}}},
		"a sequence cut off":      {"a\x1b[3", [][]span{{{0, style{}, "a"}}}},
		"wrapped":                 {"abc─ef", [][]span{{{0, style{}, "abc─"}}, {{0, style{}, "ef"}}}},
		"as long as a line":       {"abcd\ne", [][]span{{{0, style{}, "abcd"}}, {{0, style{}, "e"}}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := screen(test.printed, 4); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestTerminal checks where characters stand, and that none can end the picture.
func TestTerminal(t *testing.T) {
	t.Parallel()
	svg := terminal("\x1b[32m  + </svg>\x1b[0m & more", `"<label>"`, 40)
	for _, want := range []string{
		`<text class="c32" x="36" y="34" textLength="64">+ &lt;/svg&gt;</text>`,
		`<text class="" x="108" y="34" textLength="48">&amp; more</text>`,
		`<title>&#34;&lt;label&gt;&#34;</title>`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in\n%s", want, svg)
		}
	}
	wellFormed(t, svg)
}

// TestDrawn checks that assets/ was drawn from speed.json as it is.
func TestDrawn(t *testing.T) {
	t.Parallel()
	measured, err := readSpeed("speed.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"speed.svg": measured.chart(), "drift.svg": ""} {
		got, err := os.ReadFile(filepath.Join("..", "..", "..", "assets", name))
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, string(got))
		if want != "" && string(got) != want {
			t.Errorf("%s is not what make pictures draws", name)
		}
	}
}

// TestMeasurements puts the figures of a benchmark into a copy of speed.json.
func TestMeasurements(t *testing.T) {
	t.Parallel()
	before, err := readSpeed("speed.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path, bench := filepath.Join(dir, "speed.json"), filepath.Join(dir, "bench.json")
	if err := before.write(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bench, []byte(`{"measured": "2027-01-02", "conditions": "elsewhere", "plans": {"40x30": {"seconds": 0.5, "mebibytes": 98}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := measurements(path, bench); err != nil {
		t.Fatal(err)
	}
	got, err := readSpeed(path)
	if err != nil {
		t.Fatal(err)
	}
	before.Series[0].Measured, before.Series[0].Conditions = "2027-01-02", "elsewhere"
	before.Series[0].Plans = map[string]figure{"40x30": {Seconds: 0.5, Mebibytes: 98}}
	if !reflect.DeepEqual(got, before) {
		t.Errorf("got %v, want %v", got, before)
	}
	svg := got.chart()
	for _, want := range []string{"0.5 s, 98 MiB", "Not measured in one run. this provider: 2027-01-02, elsewhere."} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in\n%s", want, svg)
		}
	}
	wellFormed(t, svg)
}

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
	}
}
