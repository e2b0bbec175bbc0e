{{/* The pod of the one process, or of each node of a cluster. */}}
{{- define "entrepot.pod" -}}
metadata:
  labels: {{- include "entrepot.labels" . | nindent 4 }}
  annotations:
    # A changed configuration starts a new pod.
    checksum/config: {{ include "entrepot.config" . | sha256sum }}
    {{- with .Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  # http.draintimeout is 10 s, and a stop takes a few seconds more.
  terminationGracePeriodSeconds: 40
  containers:
    - name: entrepot
      image: {{ include "entrepot.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      ports:
        - {name: registry, containerPort: 5000}
        {{- if .Values.cluster.enabled }}
        - {name: nodes, containerPort: 5001}
        {{- end }}
      env:
        - {name: ENTREPOT_CONFIG, value: /etc/entrepot/config.yml}
        {{- if .Values.cluster.enabled }}
        - {name: ENTREPOT_CLUSTER_NODE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: ENTREPOT_CLUSTER_ADDRESS, value: "http://$(ENTREPOT_CLUSTER_NODE).{{ include "entrepot.nodes" . }}:5001"}
        - {name: ENTREPOT_CLUSTER_INSECURE, value: "true"}
        - {name: ENTREPOT_CLUSTER_SECRETFILE, value: /run/secrets/cluster/secret}
        {{- end }}
      {{- with .Values.secretEnv }}
      envFrom:
        {{- range . }}
        - secretRef: {name: {{ . | quote }}}
        {{- end }}
      {{- end }}
      startupProbe: {{- include "entrepot.probe" (dict "root" . "word" "live") | nindent 8 }}
        periodSeconds: 5
        failureThreshold: {{ div .Values.startupSeconds 5 }}
      livenessProbe: {{- include "entrepot.probe" (dict "root" . "word" "live") | nindent 8 }}
        periodSeconds: 20
      readinessProbe: {{- include "entrepot.probe" (dict "root" . "word" "ready") | nindent 8 }}
        periodSeconds: 5
      resources: {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - {name: storage, mountPath: /var/lib/entrepot}
        - {name: tmp, mountPath: /tmp}
        - {name: config, mountPath: /etc/entrepot, readOnly: true}
        {{- if .Values.cluster.enabled }}
        - {name: cluster, mountPath: /run/secrets/cluster, readOnly: true}
        {{- end }}
        {{- range .Values.secretFiles }}
        - {name: "secret-{{ .name }}", mountPath: "/run/secrets/{{ .name }}", readOnly: true}
        {{- end }}
  volumes:
    {{- if not .Values.cluster.enabled }}
    - name: storage
      {{- if .Values.persistence.enabled }}
      persistentVolumeClaim:
        claimName: {{ .Values.persistence.existingClaim | default (include "entrepot.name" .) }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    {{- else if not .Values.persistence.enabled }}
    - name: storage
      emptyDir: {}
    {{- end }}
    - name: tmp
      emptyDir: {sizeLimit: 128Mi}
    - name: config
      configMap: {name: {{ include "entrepot.name" . }}}
    {{- if .Values.cluster.enabled }}
    - name: cluster
      secret: {secretName: {{ .Values.cluster.secretName | quote }}, defaultMode: 0440}
    {{- end }}
    {{- range .Values.secretFiles }}
    - name: "secret-{{ .name }}"
      secret: {secretName: {{ .secretName | quote }}, defaultMode: 0440}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
