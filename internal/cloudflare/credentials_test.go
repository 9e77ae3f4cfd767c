package cloudflare_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func TestCredentialsPrint(t *testing.T) {
	t.Parallel()
	credentials := cloudflare.Credentials{Token: portalapi.Token, Key: portalapi.Key, Email: portalapi.Email}
	config := cloudflare.Config{Credentials: credentials, BaseURL: "https://api.example.com"}
	client, err := cloudflare.New(config)
	if err != nil {
		t.Fatal(err)
	}
	secret := []string{portalapi.Token, portalapi.Key}
	values := map[string]any{
		"credentials": credentials, "pointer": &credentials, "list": []cloudflare.Credentials{credentials},
		"map": map[string]cloudflare.Credentials{"a": credentials}, "field": struct{ C cloudflare.Credentials }{credentials},
		"config": config, "pointer to config": &config, "client": client, "value of client": *client,
		"error": fmt.Errorf("%v %s", credentials, &credentials),
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			texts := map[string]string{}
			for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%20v", "%U"} {
				texts[format] = fmt.Sprintf(format, value)
			}
			if text, err := json.Marshal(value); err == nil {
				texts["JSON"] = string(text)
			}
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "value", value)
			slog.New(slog.NewTextHandler(&log, nil)).Info("m", "value", value)
			texts["slog"] = log.String()
			for format, text := range texts {
				for _, s := range secret {
					for _, form := range []string{s, fmt.Sprintf("%x", s), fmt.Sprintf("%X", s)} {
						if strings.Contains(text, form) {
							t.Errorf("%s shows a secret: %s", format, text)
						}
					}
				}
			}
		})
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		if got := fmt.Sprintf(format, credentials); got != "[redacted]" {
			t.Errorf("%s gives %q", format, got)
		}
	}
	if got := credentials.String() + credentials.LogValue().String(); got != strings.Repeat("[redacted]", 2) {
		t.Errorf("got %q", got)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]cloudflare.Credentials{
		"[]":    {Email: "e"},
		"[t]":   {Token: "t", Email: "e"},
		"[k]":   {Key: "k", Email: "e"},
		"[t k]": {Token: "t", Key: "k", Email: "e"},
	} {
		if got := fmt.Sprint(c.Secrets()); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestCredentialsValidation(t *testing.T) {
	t.Parallel()
	const unfit = "holds a blank, a line break or a character outside ASCII"
	for name, tt := range map[string]struct {
		credentials cloudflare.Credentials
		want        string // "" if they are valid
	}{
		"none":                        {cloudflare.Credentials{}, "no credentials: an API token, or an API key with its e-mail address, is needed"},
		"token":                       {cloudflare.Credentials{Token: portalapi.Token}, ""},
		"short token":                 {cloudflare.Credentials{Token: "x"}, ""},
		"long token":                  {cloudflare.Credentials{Token: "FAKE_" + strings.Repeat("x", 200)}, ""},
		"token of all characters":     {cloudflare.Credentials{Token: `!"#$%&'()*+,-./:;<=>?@[\]^_{|}~` + "`"}, ""},
		"key with address":            {cloudflare.Credentials{Key: portalapi.Key, Email: portalapi.Email}, ""},
		"all three":                   {cloudflare.Credentials{Token: "t", Key: "k", Email: "e"}, ""},
		"token and key, no address":   {cloudflare.Credentials{Token: "t", Key: "k"}, ""},
		"token and an unfit key":      {cloudflare.Credentials{Token: "t", Key: "k k", Email: "e"}, ""},
		"key without address":         {cloudflare.Credentials{Key: "k"}, "the API key needs its e-mail address"},
		"address without key":         {cloudflare.Credentials{Email: "e"}, "the e-mail address needs its API key"},
		"token with a line break":     {cloudflare.Credentials{Token: "FAKE-t\n"}, "the API token " + unfit},
		"token with a blank":          {cloudflare.Credentials{Token: "Bearer FAKE-t"}, "the API token " + unfit},
		"token with a NUL":            {cloudflare.Credentials{Token: "FAKE-t\x00"}, "the API token " + unfit},
		"token with an umlaut":        {cloudflare.Credentials{Token: "FAKE-tä"}, "the API token " + unfit},
		"token with a no-break space": {cloudflare.Credentials{Token: "FAKE-t\u00a0"}, "the API token " + unfit},
		"token with a DEL":            {cloudflare.Credentials{Token: "FAKE-t\x7f"}, "the API token " + unfit},
		"key with a line break":       {cloudflare.Credentials{Key: "FAKE-k\r\n", Email: "e"}, "the API key " + unfit},
		"address with a blank":        {cloudflare.Credentials{Key: "FAKE-k", Email: "e e"}, "the e-mail address " + unfit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := cloudflare.New(cloudflare.Config{Credentials: tt.credentials})
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v", err)
			case tt.want != "" && (err == nil || err.Error() != tt.want):
				t.Errorf("got %v, want %s", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "FAKE"):
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestCredentialsSent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		credentials cloudflare.Credentials
		want        http.Header
	}{
		"token": {
			cloudflare.Credentials{Token: portalapi.Token},
			http.Header{"Authorization": {"Bearer " + portalapi.Token}},
		},
		"key": {
			cloudflare.Credentials{Key: portalapi.Key, Email: portalapi.Email},
			http.Header{"X-Auth-Key": {portalapi.Key}, "X-Auth-Email": {portalapi.Email}},
		},
		"the token wins": {
			cloudflare.Credentials{Token: portalapi.Token, Key: portalapi.Key, Email: portalapi.Email},
			http.Header{"Authorization": {"Bearer " + portalapi.Token}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			client := newClient(t, api, func(c *cloudflare.Config) { c.Credentials = tt.credentials })
			if _, err := client.Portal(t.Context(), portalapi.AccountID, portalapi.PortalIDMinimal); err != nil {
				t.Fatal(err)
			}
			header := api.Requests()[0].Header
			for _, key := range []string{"Authorization", "X-Auth-Key", "X-Auth-Email"} {
				if got, want := header.Values(key), tt.want.Values(key); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s: got %q, want %q", key, got, want)
				}
			}
			if cookies := header.Values("Cookie"); len(cookies) > 0 {
				t.Errorf("cookies %q were sent", cookies)
			}
		})
	}
}
