package main

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const prefix = "terraform-provider-mcp_1.2.3_"

// release is a folder of files as goreleaser makes it: the zips' files by the
// zips' names.
type release map[string][]string

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r release) write(t *testing.T, dir string, mode fs.FileMode) {
	t.Helper()
	manifest, err := os.ReadFile("../../../terraform-registry-manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	sums := fmt.Sprintf("%x  %smanifest.json\n", sha256.Sum256(manifest), prefix)
	for name, files := range r {
		var b strings.Builder
		w := zip.NewWriter(&b)
		for _, file := range files {
			header := &zip.FileHeader{Name: file}
			header.SetMode(mode)
			if _, err := w.CreateHeader(header); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), b.String())
		sums += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(b.String())), name)
	}
	write(t, filepath.Join(dir, prefix+"SHA256SUMS"), sums)
}

func TestCheckRelease(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "unzip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("no " + tool)
		}
	}
	const linux, windows = prefix + "linux_amd64.zip", prefix + "windows_386.zip"
	appendTo := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			content, _ := os.ReadFile(filepath.Join(dir, name)) // there or not
			write(t, filepath.Join(dir, name), string(content)+text)
		}
	}
	complete := release{}
	for platform := range strings.FieldsSeq("darwin_amd64 darwin_arm64 freebsd_386 freebsd_amd64 freebsd_arm freebsd_arm64 linux_386 linux_amd64 linux_arm linux_arm64") {
		complete[prefix+platform+".zip"] = []string{"LICENSE", "terraform-provider-mcp_v1.2.3"}
	}
	for platform := range strings.FieldsSeq("windows_386 windows_amd64 windows_arm64") {
		complete[prefix+platform+".zip"] = []string{"terraform-provider-mcp_v1.2.3.exe", "LICENSE"}
	}
	for name, test := range map[string]struct {
		zips   release
		mode   fs.FileMode
		change func(*testing.T, string)
		want   string // in what it prints; with "version 1.2.3" it succeeds
		all    bool
	}{
		"as it should be":              {zips: release{linux: complete[linux], windows: complete[windows]}, want: "version 1.2.3"},
		"an executable that is none":   {zips: release{linux: complete[linux]}, mode: 0o644, want: "is no executable"},
		"an executable's other name":   {zips: release{windows: complete[linux]}, want: windows + " should hold LICENSE and terraform-provider-mcp_v1.2.3.exe"},
		"one file more in a zip":       {zips: release{linux: append([]string{"README"}, complete[linux]...)}, want: linux + " should hold"},
		"a zip of another version":     {zips: release{"terraform-provider-mcp_1.2.2_linux_arm.zip": complete[linux]}, want: "the registries want"},
		"a zip that has changed since": {zips: release{linux: complete[linux]}, change: appendTo(linux, "x"), want: linux + ": FAILED"},
		"a zip without a checksum":     {zips: release{linux: complete[linux]}, change: appendTo(windows, ""), want: "the zips and the manifest alone"},
		"a checksum of something else": {zips: release{linux: complete[linux]}, change: appendTo(prefix+"SHA256SUMS", strings.Repeat("0", 64)+"  x.json\n"), want: "the zips and the manifest alone"},
		"an uploaded manifest changed": {zips: release{linux: complete[linux]}, change: appendTo(prefix+"manifest.json", `"protocol_versions": ["6.0"]`), want: "manifest.json: FAILED"},
		"another protocol":             {zips: release{linux: complete[linux]}, change: appendTo(prefix+"manifest.json", `"protocol_versions": ["5.0"]`), want: "want protocol 6.0"},
		"two versions":                 {zips: release{linux: complete[linux]}, change: appendTo("terraform-provider-mcp_1.2.2_SHA256SUMS", ""), want: "want one"},
		"no SBOMs and no signature":    {zips: complete, all: true, want: "< " + prefix + "SHA256SUMS.sig"},
		"a file of an earlier run":     {zips: complete, all: true, change: appendTo("terraform-provider-mcp_1.2.2_manifest.json", ""), want: "> terraform-provider-mcp_1.2.2_manifest.json"},
		"a signature that is none": {zips: complete, all: true, want: "gpg: ", change: func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, prefix+"SHA256SUMS.sig"), "")
			for name := range complete {
				write(t, filepath.Join(dir, name+".sbom.json"), "")
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if test.mode == 0 {
				test.mode = 0o755
			}
			test.zips.write(t, dir, test.mode)
			if test.change != nil {
				test.change(t, dir)
			}
			args := []string{"../../../.ci/check-release", dir}
			if test.all {
				args = append(args, "complete")
			}
			output, err := exec.CommandContext(t.Context(), "bash", args...).CombinedOutput()
			if (err == nil) != strings.HasPrefix(test.want, "version") || !strings.Contains(string(output), test.want) {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}
