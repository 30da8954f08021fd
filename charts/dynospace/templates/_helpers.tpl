{{/*
An option as the operator reads it. Helm reads numbers of values files as floating point, which print as 1.00065e+09.
*/}}
{{- define "dynospace.optionText" -}}
{{- if kindIs "float64" . }}{{ printf "%.0f" . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}
