{{- define "tilgang.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}
{{- end }}

{{- define "tilgang.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tilgang.labels" -}}
{{ include "tilgang.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* A value of a setting as a variable holds it: Helm reads every number as one with a fraction. */ -}}
{{- define "tilgang.text" -}}
{{- if kindIs "float64" . }}{{ int64 . }}{{ else if or (kindIs "slice" .) (kindIs "map" .) }}{{ toJson . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{- /* Seconds between the signal to stop and the end by force: what the gateway takes at most, and some for the store. */ -}}
{{- define "tilgang.graceSeconds" -}}
{{- $delayMs := int64 (default 0 .Values.config.stopDelayMs) }}
{{- $timeoutMs := int64 (default 10000 .Values.config.stopTimeoutMs) }}
{{- add 15 (div (add $delayMs $timeoutMs 999) 1000) }}
{{- end }}
