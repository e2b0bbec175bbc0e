{{- define "entrepot.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The service that gives each node of a cluster a name. */}}
{{- define "entrepot.nodes" -}}
{{ include "entrepot.name" . | trunc 57 | trimSuffix "-" }}-nodes
{{- end -}}

{{- define "entrepot.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "entrepot.labels" -}}
{{ include "entrepot.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "entrepot.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* config.yml, with what the chart itself decides on top. */}}
{{- define "entrepot.config" -}}
{{- $own := dict "http" (dict "addr" ":5000") "storage" (dict "filesystem" (dict "rootdirectory" "/var/lib/entrepot")) -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.config) $own) -}}
{{- end -}}

{{/* A probe of one of the two words that are open to everybody. */}}
{{- define "entrepot.probe" -}}
httpGet:
  path: /api/health/{{ .word }}
  port: registry
  scheme: {{ dig "http" "tls" "certificate" "" .root.Values.config | empty | ternary "HTTP" "HTTPS" }}
timeoutSeconds: 4
{{- end -}}
