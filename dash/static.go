package dash

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static
var files embed.FS

var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

var page = template.Must(template.ParseFS(files, "static/page.html"))

// page serves the page.
func (d *Handler) page(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	if err := page.Execute(&b, strings.Join(d.kinds(), " ")); err != nil {
		http.Error(w, "dash: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// static serves what the page needs.
func (d *Handler) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	kind, ok := types[path.Ext(name)]
	text, err := files.ReadFile("static/" + name)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
}
