package baseline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxFolder is how many bytes all files of a folder may have together, as many as a
// message from the provider to Terraform.
const maxFolder = 256 << 20

// FolderError says why a folder of accepted files can't be used. It repeats nothing
// of a file but its format and its portal's id.
type FolderError struct {
	// File is the file's name, such as servers/github.json; empty for the folder.
	File string
	// Reason completes the sentence "the file …", or "the folder …".
	Reason string
	// Newer is true if a later version of the provider wrote the file.
	Newer bool
	// OtherPortal is true if the file is of another portal.
	OtherPortal bool
}

// Error names the file, and says what is wrong with it.
func (e *FolderError) Error() string {
	if e.File == "" {
		return "the folder " + e.Reason
	}
	return "the file " + e.File + " " + e.Reason
}

// Folder is the accepted files of a portal.
type Folder struct {
	// path leads to the folder from the working directory, with slashes.
	path  string
	files map[string]string
}

// ReadFolder reads the accepted files in directory, which is in workingDir, or a path
// from it. A folder that is not there is one in which nothing has been accepted. The
// errors are of type [*FolderError], or the context's.
func ReadFolder(ctx context.Context, workingDir, directory string, access bool) (*Folder, error) {
	clean, err := within(workingDir, directory)
	if err != nil {
		return nil, err
	}
	f := &Folder{path: clean, files: map[string]string{}}
	outer, err := os.OpenRoot(workingDir)
	if err != nil {
		return nil, cantRead("", err)
	}
	defer func() { _ = outer.Close() }() // it was only read
	root, err := outer.OpenRoot(clean)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, cantRead("", err)
	}
	defer func() { _ = root.Close() }() // it was only read

	names := []string{portalFile}
	if access {
		names = append(names, accessFile)
	}
	servers, err := listServers(root)
	if err != nil {
		return nil, err
	}
	left := int64(maxFolder)
	for _, name := range append(names, servers...) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		content, err := readFile(root, name, left)
		if errors.Is(err, fs.ErrNotExist) && !strings.HasPrefix(name, serverFolder) {
			continue
		}
		if err != nil {
			return nil, cantRead(name, err)
		}
		if left -= int64(len(content)); left < 0 {
			return nil, &FolderError{Reason: fmt.Sprintf("holds more than %d MiB", maxFolder>>20)}
		}
		f.files[name] = content
	}
	return f, nil
}

// within returns the clean path of a folder from the working directory, which it has
// to be in: a patch is applied there.
func within(workingDir, directory string) (string, error) {
	clean := directory
	if path.IsAbs(clean) || filepath.IsAbs(clean) {
		rest, inside := relative(workingDir, clean)
		if !inside {
			return "", &FolderError{Reason: "is outside of Terraform's working directory; no patch could be applied to it there"}
		}
		clean = rest
	}
	clean = path.Clean(filepath.ToSlash(clean))
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return "", &FolderError{Reason: "is outside of Terraform's working directory; no patch could be applied to it there"}
	}
	return clean, nil
}

// relative returns the path from one folder to another, and whether it leads into
// it. Links on the way are followed: the working directory is often told without them.
func relative(from, to string) (string, bool) {
	for _, resolve := range []func(string) (string, error){func(p string) (string, error) { return p, nil }, filepath.EvalSymlinks} {
		resolved, err := resolve(from)
		if err != nil {
			continue
		}
		rest, err := filepath.Rel(resolved, filepath.Clean(to))
		if err == nil && rest != ".." && !strings.HasPrefix(rest, ".."+string(filepath.Separator)) {
			return rest, true
		}
	}
	return "", false
}

func listServers(root *os.Root) ([]string, error) {
	dir, err := root.Open(strings.TrimSuffix(serverFolder, "/"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, cantRead(serverFolder, err)
	}
	defer func() { _ = dir.Close() }() // it was only read
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, cantRead(serverFolder, err)
	}
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".json") && !strings.HasPrefix(name, ".") {
			names = append(names, serverFolder+name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func readFile(root *os.Root, name string, limit int64) (string, error) {
	file, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		return "", err
	}
	var content strings.Builder
	content.Grow(int(min(info.Size(), limit)) + bytes.MinRead)
	_, err = io.Copy(&content, io.LimitReader(file, limit+1))
	return content.String(), err
}

// cantRead returns the error for what the operating system refuses.
func cantRead(name string, err error) error {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err // its path is the machine's
	}
	return &FolderError{File: name, Reason: "can't be read: " + err.Error()}
}

// isEmpty reports whether nothing has been accepted.
func (f *Folder) isEmpty() bool { return len(f.files) == 0 }

// parse reads an accepted file. newest is false if its format is a lower one than
// this version writes. The errors are of type [*FolderError], or the context's.
func (f *Folder) parse(p *parser, name, portalID string) (root node, newest bool, err error) {
	raw := f.files[name]
	content := strings.TrimPrefix(raw, byteOrderMark)
	base := len(raw) - len(content)
	wrong := func(at int, reason string) error {
		line := 1 + strings.Count(raw[:min(at, len(raw))], "\n")
		return &FolderError{File: name, Reason: "can't be used: line " + strconv.Itoa(line) + " " + reason}
	}
	if at := conflict(content); at >= 0 {
		return node{}, false, wrong(base+at, "begins an unresolved merge conflict")
	}
	if at := invalid(content); at >= 0 {
		return node{}, false, wrong(base+at, "is no JSON")
	}
	if root, err = p.parse(raw); err != nil {
		return node{}, false, err
	}
	join(&root)
	newest, err = checkHead(&root, name, portalID)
	if err != nil {
		return node{}, false, err
	}
	if at, reason := checkShape(&root, name); reason != "" {
		return node{}, false, wrong(at, reason)
	}
	return root, newest, nil
}

const byteOrderMark = "\uFEFF" // some editors put one there

// conflict returns where the first unresolved merge conflict begins, or -1.
func conflict(content string) int {
	const marker = "<<<<<<< "
	if strings.HasPrefix(content, marker) {
		return 0
	}
	if at := strings.Index(content, "\n"+marker); at >= 0 {
		return at + 1
	}
	return -1
}

// invalid returns where content stops being JSON, or -1.
func invalid(content string) int {
	if !utf8.ValidString(content) {
		for i, r := range content {
			if r == utf8.RuneError && !strings.HasPrefix(content[i:], "\uFFFD") {
				return i
			}
		}
	}
	d := jsontext.NewDecoder(strings.NewReader(content),
		// A schema may have a key twice, and texts halves of surrogate pairs.
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := d.SkipValue(); err != nil {
		return offset(err, len(content))
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return offset(err, int(d.InputOffset()))
	}
	return -1
}

func offset(err error, otherwise int) int {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return int(syntax.ByteOffset)
	}
	return otherwise
}

// checkHead returns the error of a file that is of another format or portal.
func checkHead(root *node, name, portalID string) (newest bool, err error) {
	format, _ := root.member("format").str()
	number, isOurs := strings.CutPrefix(format, formatName)
	n, notNumber := strconv.Atoi(number)
	switch {
	case !isOurs || notNumber != nil || n < 0 || strconv.Itoa(n) != number:
		found := "it has no \"format\""
		if format != "" {
			found = "its \"format\" is " + quotedShort(format)
		}
		return false, &FolderError{File: name, Reason: "is JSON, but no file of a baseline: " + found + ", and should be \"" + formatName + strconv.Itoa(formatNumber) + "\""}
	case n > formatNumber:
		return false, &FolderError{File: name, Newer: true, Reason: fmt.Sprintf("is of the format %s, and this version of the provider knows formats up to %d", quotedShort(format), formatNumber)}
	}
	if found, _ := root.member("portal_id").str(); found != portalID {
		return false, &FolderError{File: name, OtherPortal: true, Reason: fmt.Sprintf("is of the portal %s, and this is the portal %s", quotedShort(found), quotedShort(portalID))}
	}
	return n == formatNumber, nil
}

// quotedShort returns text in quotes, at most 64 characters of it.
func quotedShort(text string) string {
	short := text
	if utf8.RuneCountInString(text) > 64 {
		short = string([]rune(text)[:64])
		return quoted(short) + "…"
	}
	return quoted(short)
}

// checkShape returns where a file is not what its format says, and how; no reason if
// it is.
func checkShape(root *node, name string) (at int, reason string) {
	known := map[string]byte{"format": '"', "portal_id": '"'}
	switch name {
	case portalFile:
		known["portal"] = '{'
	case accessFile:
		known["access"] = '{'
	default:
		known["server"] = '{'
		known["waiting"] = '{'
		for _, k := range kinds {
			known[k.list] = '{'
			known["unnamed_"+k.list] = '['
		}
	}
	if at, reason = checkObject(root, known); reason != "" {
		return at, reason
	}
	if !strings.HasPrefix(name, serverFolder) {
		return 0, ""
	}
	server := root.member("server")
	id, _ := server.member("server_id").str()
	if file := serverFile(id); name != file && !strings.HasPrefix(name, strings.TrimSuffix(file, ".json")+"%") {
		at := root.pos
		if server != nil {
			at = server.pos
		}
		return int(at), "is the file of another server, by its server_id"
	}
	for _, k := range kinds {
		if list := root.member(k.list); list != nil && list.kind == '{' {
			if at := twin(list); at >= 0 {
				return at, "has a key for the second time"
			}
			for i := range list.items {
				if at, reason = checkEntries(&list.items[i]); reason != "" {
					return at, reason
				}
			}
		}
		if list := root.member("unnamed_" + k.list); list != nil {
			if at, reason = checkEntries(list); reason != "" {
				return at, reason
			}
		}
	}
	if waiting := root.member("waiting"); waiting != nil {
		if at, reason = checkObject(waiting, map[string]byte{"tools": '{', "prompts": '{'}); reason != "" {
			return at, reason
		}
		for i := range waiting.items {
			if at := twin(&waiting.items[i]); at >= 0 {
				return at, "has a key for the second time"
			}
		}
	}
	return 0, ""
}

func checkEntries(n *node) (at int, reason string) {
	if n.kind == '[' {
		for i := range n.items {
			if at, reason = checkEntry(&n.items[i]); reason != "" {
				return at, reason
			}
		}
		return 0, ""
	}
	return checkEntry(n)
}

func checkEntry(n *node) (at int, reason string) {
	if at, reason = checkObject(n, map[string]byte{"definition": '{', "enabled": 't', "exposed_as": '"', "override": 0}); reason != "" {
		return at, reason
	}
	if n.member("enabled") == nil {
		return int(n.pos), "has no enabled"
	}
	if definition := n.member("definition"); definition == nil {
		return int(n.pos), "has no definition"
	} else if at := twin(definition); at >= 0 {
		return at, "has a key for the second time"
	}
	return 0, ""
}

// checkObject checks that a node is an object that has the known members alone, each
// once and of its kind; 0 is any.
func checkObject(n *node, known map[string]byte) (at int, reason string) {
	if n.kind != '{' {
		return int(n.pos), "holds a value of the wrong type"
	}
	if at := twin(n); at >= 0 {
		return at, "has a key for the second time"
	}
	for i := range n.items {
		m := &n.items[i]
		kind, ok := known[unquote(m.key)]
		if !ok {
			return int(m.pos), "has a key that no file of a baseline has there"
		}
		found := m.kind
		if found == 'f' {
			found = 't'
		}
		if isUnknown := found == 'n' && (m.key == `"tools"` || m.key == `"prompts"`); kind != 0 && found != kind && !isUnknown {
			return int(m.pos), "holds a value of the wrong type"
		}
	}
	return 0, ""
}

// twin returns where a key stands for the second time, or -1.
func twin(n *node) int {
	for i := 1; i < len(n.items); i++ {
		if n.kind == '{' && n.items[i-1].key == n.items[i].key {
			return int(n.items[i].pos)
		}
	}
	return -1
}
