package main

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

const (
	sums     = "terraform-provider-mcp_1.2.3_SHA256SUMS"
	linux    = "terraform-provider-mcp_1.2.3_linux_amd64.zip"
	windows  = "terraform-provider-mcp_1.2.3_windows_386.zip"
	manifest = "terraform-provider-mcp_1.2.3_manifest.json"
)

// newDist returns a folder as goreleaser makes one, and the manifest's path.
func newDist(t *testing.T) (dir, manifestFile string) {
	t.Helper()
	dir = t.TempDir()
	manifestFile = filepath.Join(t.TempDir(), "terraform-registry-manifest.json")
	write(t, manifestFile, `{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`)
	writeZip(t, filepath.Join(dir, linux), "LICENSE", "terraform-provider-mcp_v1.2.3")
	writeZip(t, filepath.Join(dir, windows), "LICENSE", "terraform-provider-mcp_v1.2.3.exe")
	write(t, filepath.Join(dir, "config.yaml"), "project_name: terraform-provider-mcp\n")
	writeSums(t, dir, manifestFile)
	return dir, manifestFile
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func writeZip(t *testing.T, path string, names ...string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := zip.NewWriter(file)
	for _, name := range names {
		header := &zip.FileHeader{Name: name}
		header.SetMode(0o755)
		if _, err := w.CreateHeader(header); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func writeSums(t *testing.T, dir, manifestFile string) {
	t.Helper()
	var lines strings.Builder
	for name, path := range map[string]string{
		linux: filepath.Join(dir, linux), windows: filepath.Join(dir, windows), manifest: manifestFile,
	} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(content), name)
	}
	write(t, filepath.Join(dir, sums), lines.String())
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change  func(t *testing.T, dir, manifestFile string)
		wantErr string
	}{
		"as it should be": {func(*testing.T, string, string) {}, ""},
		"no checksums": {func(t *testing.T, dir, _ string) {
			t.Helper()
			if err := os.Remove(filepath.Join(dir, sums)); err != nil {
				t.Fatal(err)
			}
		}, "no terraform-provider-mcp_VERSION_SHA256SUMS"},
		"a zip that has changed since": {func(t *testing.T, dir, _ string) {
			t.Helper()
			writeZip(t, filepath.Join(dir, linux), "terraform-provider-mcp_v1.2.3", "LICENSE")
		}, linux + ": SHA256SUMS says"},
		"a zip without a checksum": {func(t *testing.T, dir, _ string) {
			t.Helper()
			writeZip(t, filepath.Join(dir, "terraform-provider-mcp_1.2.3_linux_arm.zip"), "LICENSE", "terraform-provider-mcp_v1.2.3")
		}, "linux_arm.zip: SHA256SUMS does not name it"},
		"a zip of another version": {func(t *testing.T, dir, _ string) {
			t.Helper()
			writeZip(t, filepath.Join(dir, "terraform-provider-mcp_1.2.2_linux_arm.zip"), "LICENSE", "terraform-provider-mcp_v1.2.2")
		}, "terraform-provider-mcp_1.2.2_linux_arm.zip: the registries want"},
		"an executable of another name": {func(t *testing.T, dir, manifestFile string) {
			t.Helper()
			writeZip(t, filepath.Join(dir, windows), "LICENSE", "terraform-provider-mcp_v1.2.3")
			writeSums(t, dir, manifestFile)
		}, windows + ": it holds"},
		"a checksum of something else": {func(t *testing.T, dir, _ string) {
			t.Helper()
			path := filepath.Join(dir, sums)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, string(content)+strings.Repeat("0", 64)+"  "+linux+".sbom.json\n")
		}, "should name the zips and the manifest alone"},
		"a manifest of another protocol": {func(t *testing.T, dir, manifestFile string) {
			t.Helper()
			write(t, manifestFile, `{"version": 1, "metadata": {"protocol_versions": ["5.0"]}}`)
			writeSums(t, dir, manifestFile)
		}, "want version 1 with protocol 6.0"},
		"an uploaded manifest of another protocol": {func(t *testing.T, dir, _ string) {
			t.Helper()
			write(t, filepath.Join(dir, manifest), `{"version": 1, "metadata": {"protocol_versions": ["5.0"]}}`)
		}, manifest + ": SHA256SUMS says"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, manifestFile := newDist(t)
			test.change(t, dir, manifestFile)
			d, err := readDist(dir, manifestFile)
			if err == nil {
				err = d.check()
			}
			switch {
			case test.wantErr == "" && err != nil:
				t.Error(err)
			case test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)):
				t.Errorf("error %v, want one with %q", err, test.wantErr)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change  func(t *testing.T, dir string)
		wantErr string
	}{
		"all there but a signature": {func(*testing.T, string) {}, "gpg --verify"},
		"no zip": {func(t *testing.T, dir string) {
			t.Helper()
			if err := os.Remove(filepath.Join(dir, linux)); err != nil {
				t.Fatal(err)
			}
		}, "not there: " + linux},
		"no SBOM": {func(t *testing.T, dir string) {
			t.Helper()
			if err := os.Remove(filepath.Join(dir, linux+".sbom.json")); err != nil {
				t.Fatal(err)
			}
		}, "not there: " + linux + ".sbom.json"},
		"a file of an earlier run": {func(t *testing.T, dir string) {
			t.Helper()
			write(t, filepath.Join(dir, "terraform-provider-mcp_1.2.3_linux_mips.zip"), "")
		}, "terraform-provider-mcp_1.2.3_linux_mips.zip does not belong"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			names := []string{sums, sums + ".sig", manifest}
			for _, platform := range platforms {
				zipped := "terraform-provider-mcp_1.2.3_" + platform + ".zip"
				names = append(names, zipped, zipped+".sbom.json")
			}
			for _, name := range names {
				write(t, filepath.Join(dir, name), "")
			}
			test.change(t, dir)
			d := &dist{dir: dir, version: "1.2.3"}
			if err := d.checkComplete(t.Context()); err == nil || !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("error %v, want one with %q", err, test.wantErr)
			}
		})
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, agent, wantErr string
	}{
		{"this version", http.MethodGet, "terraform-provider-mcp/1.2.3 Terraform/1.11.4", ""},
		{"no CLI", http.MethodGet, "terraform-provider-mcp/1.2.3", ""},
		{"another version", http.MethodGet, "terraform-provider-mcp/1.2.34 Terraform/1.11.4", "should begin with"},
		{"no version", http.MethodGet, "terraform-provider-mcp/dev Terraform/1.11.4", "should begin with"},
		{"a write", http.MethodPut, "terraform-provider-mcp/1.2.3", "should only read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := checkUserAgent([]portalapi.Request{{Method: test.method, Header: http.Header{"User-Agent": {test.agent}}}}, "1.2.3")
			if (err == nil) != (test.wantErr == "") || err != nil && !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("error %v, want one with %q", err, test.wantErr)
			}
		})
	}
	if _, err := checkUserAgent(nil, "1.2.3"); err == nil {
		t.Error("no requests, and no error")
	}
}
