// Drains: writes the manifests of a collector that sends a space's logs to where a team keeps them.

using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Drains;

/// <summary>Where a drain leads: an HTTPS endpoint, or a syslog server over TLS.</summary>
/// <param name="Target">The URL, without credentials.</param>
public sealed record DrainTarget(Uri Target)
{
    private const string Syslog = "syslog+tls";

    private const int SyslogPort = 6514;

    public bool IsSyslog => Target.Scheme == Syslog;

    /// <summary>Host and port of a syslog server.</summary>
    public string Address => $"{Target.Host}:{(Target.Port > 0 ? Target.Port : SyslogPort)}";

    /// <exception cref="CliException">It is not such a URL, or has a secret in it.</exception>
    public static DrainTarget Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var target)
            || target.Scheme is not ("https" or Syslog)
            || target.Host.Length == 0
            || text.Any(c => c is < '!' or > '~' or '"' or '\\' or '$' or '\''))
        {
            throw new CliException(
                $"--to '{text}' is not a place for logs: use https://logs.example.com/in, or "
                + $"{Syslog}://logs.example.com:{SyslogPort}.");
        }

        if (target.UserInfo.Length > 0 || target.Query.Length > 0)
        {
            throw new CliException(
                "--to may hold no credentials, which anyone who reads the configuration would see: put the value of "
                + "the Authorization header into a Secret, and name that by --secret.");
        }

        return target.Scheme == Syslog && target.AbsolutePath.Length > 1
            ? throw new CliException($"--to '{text}' has a path, which a syslog server does not: leave it out.")
            : new DrainTarget(target);
    }
}

/// <summary>
/// The manifests of Vector for one space: a DaemonSet that reads the space's logs on each node, and those of its own
/// routers, from the files that the kubelet keeps.
/// </summary>
/// <param name="Space">The space.</param>
/// <param name="SystemNamespace">Where its routers run.</param>
/// <param name="Namespace">Where the drain runs: its pods read files of the node, which spaces' namespaces
/// forbid.</param>
/// <param name="Image">Vector's image.</param>
/// <param name="Secret">The Secret whose key <c>authorization</c> has the header's value; null for none.</param>
public sealed record LogDrain(
    string Space, DrainTarget To, string SystemNamespace, string Namespace, string Image, string? Secret)
{
    private const string SecretFolder = "/etc/drain";

    /// <summary>Whether it sends what is typed into runs of a Shield space, and nothing else.</summary>
    public bool IsOfRecords { get; init; }

    private string Name => IsOfRecords ? $"records-{Space}" : $"drain-{Space}";

    private string Header => Secret is null
        ? "# No header is added."
        : """request: {headers: {Authorization: "SECRET[drain.authorization]"}}""";

    /// <summary>Read from a file: recent versions of Vector no longer put the environment into a configuration.
    /// </summary>
    private string Secrets => Secret is null
        ? "# No Secret is read."
        : $$$"""secret: {drain: {type: directory, path: {{{SecretFolder}}}, remove_trailing_whitespace: true}}""";

    public string ToYaml() => $$$$"""
        # Sends the logs of space {{{{Space}}}} to {{{{To.Target}}}}.
        # For the platform team to apply: it reads files of the nodes.
        apiVersion: v1
        kind: Namespace
        metadata:
          name: {{{{Namespace}}}}
          labels: {pod-security.kubernetes.io/enforce: privileged}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: {{{{Name}}}}, namespace: {{{{Namespace}}}}}
        ---
        # Vector asks for the pods of its own node, to learn which dyno wrote a file.
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: dynospace-{{{{Name}}}}}
        rules:
        - {apiGroups: [""], resources: [pods, namespaces, nodes], verbs: [get, list, watch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: dynospace-{{{{Name}}}}}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: dynospace-{{{{Name}}}}}
        subjects:
        - {kind: ServiceAccount, name: {{{{Name}}}}, namespace: {{{{Namespace}}}}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{{{Name}}}}, namespace: {{{{Namespace}}}}}
        data:
          vector.yaml: |
        {{{{Indented(Configuration(), 4)}}}}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: {{{{Name}}}}, namespace: {{{{Namespace}}}}}
        spec:
          selector: {matchLabels: {app.kubernetes.io/name: {{{{Name}}}}}}
          template:
            metadata:
              labels: {app.kubernetes.io/name: {{{{Name}}}}}
            spec:
              serviceAccountName: {{{{Name}}}}
              tolerations: [{operator: Exists}]
              containers:
              - name: vector
                image: {{{{Image}}}}
                args: [--config, /etc/vector/vector.yaml]
                env:
                - name: VECTOR_SELF_NODE_NAME
                  valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
                resources:
                  requests: {cpu: 50m, memory: 64Mi}
                  limits: {memory: 256Mi}
                securityContext:
                  allowPrivilegeEscalation: false
                  readOnlyRootFilesystem: true
                  capabilities: {drop: [ALL]}
                volumeMounts:
                - {name: configuration, mountPath: /etc/vector, readOnly: true}
                - {name: logs, mountPath: /var/log, readOnly: true}
                - {name: positions, mountPath: /var/lib/vector}{{{{SecretMount()}}}}
              volumes:
              - {name: configuration, configMap: {name: {{{{Name}}}}}}
              - {name: logs, hostPath: {path: /var/log}}
              # How far each file was sent: a restart sends none twice.
              - name: positions
                hostPath: {path: /var/lib/dynospace/{{{{Name}}}}, type: DirectoryOrCreate}{{{{SecretVolume()}}}}

        """;

    private string Configuration() => $$$$"""
        data_dir: /var/lib/vector
        {{{{Secrets}}}}
        sources:
          dynos:
            type: kubernetes_logs
            extra_namespace_label_selector: kubernetes.io/metadata.name={{{{Space}}}},dynospace.dev/space={{{{Space}}}}
            extra_label_selector: dynospace.dev/dyno
            # Vector drops what is longer. The container runtime cuts lines at 16 kB, which are joined up to 1 MB.
            max_line_bytes: 131072
            max_merged_line_bytes: 1048576
        {{{{(IsOfRecords ? RecordsAlone() : AndRequests())}}}}
          lines:
            type: remap
            inputs: [{{{{(IsOfRecords ? "records" : "dynos, requests")}}}}]
            source: |
              labels = object(.kubernetes.pod_labels) ?? {}
              text = truncate(string(.message) ?? "", limit: 10000, suffix: "...")
              time = timestamp(.timestamp) ?? now()
              dyno = string(get(labels, ["dynospace.dev/dyno"]) ?? "") ?? ""
              container = string(.kubernetes.container_name) ?? ""
              source = if dyno == "" { "router" } else if container == "recorder" { "recorder" } else { "app" }
        {{{{Indented(To.IsSyslog ? SyslogLine() : JsonLine(), 6)}}}}
        sinks:
          drain:
            inputs: [lines]
        {{{{Indented(To.IsSyslog ? SyslogSink() : HttpSink(), 4)}}}}
            buffer: {type: memory, max_events: 10000, when_full: block}
        """;

    private string AndRequests() => $$$$"""
          # Routers of Private and Shield spaces; the one that Common spaces share carries no space.
          router:
            type: kubernetes_logs
            extra_namespace_label_selector: kubernetes.io/metadata.name={{{{SystemNamespace}}}}
            extra_label_selector: >-
              dynospace.dev/component in (router-public,router-internal),dynospace.dev/space={{{{Space}}}}
        transforms:
          # Lines of the router begin with at=; the program's own messages are not about requests.
          requests:
            type: filter
            inputs: [router]
            condition: 'starts_with(string(.message) ?? "", "at=")'
        """;

    private static string RecordsAlone() => """
        transforms:
          # The container beside a run's own, which the run cannot write to.
          records:
            type: filter
            inputs: [dynos]
            condition: '(string(.kubernetes.container_name) ?? "") == "recorder"'
        """;

    private string JsonLine() => $$$$"""
        app = string(get(labels, ["dynospace.dev/app"]) ?? "") ?? ""
        . = {"time": time, "space": "{{{{Space}}}}", "source": source, "app": app, "dyno": dyno, "message": text}
        """;

    /// <summary>RFC 5424 with the length in front (RFC 5425). Facility local7, severity info.</summary>
    private string SyslogLine() => $$$$"""
        from = if dyno == "" { "router" } else { dyno }
        stamp = format_timestamp!(time, format: "%Y-%m-%dT%H:%M:%S%.6fZ")
        line = "<190>1 " + stamp + " {{{{Space}}}} " + source + " " + from + " - - " + text
        . = {"message": to_string(length(line)) + " " + line}
        """;

    private string SyslogSink() => $$$$"""
        type: socket
        mode: tcp
        address: "{{{{To.Address}}}}"
        tls: {enabled: true}
        encoding: {codec: text}
        framing: {method: bytes}
        """;

    private string HttpSink() => $$$$"""
        type: http
        uri: "{{{{To.Target}}}}"
        encoding: {codec: json}
        framing: {method: newline_delimited}
        batch: {max_events: 500, timeout_secs: 0.25}
        compression: gzip
        {{{{Header}}}}
        """;

    private string SecretMount() => Secret is null
        ? ""
        : "\n" + Indented($$$"""- {name: secret, mountPath: {{{SecretFolder}}}, readOnly: true}""", 8);

    private string SecretVolume() => Secret is null
        ? ""
        : "\n" + Indented($$$"""- {name: secret, secret: {secretName: {{{Secret}}}}}""", 6);

    private static string Indented(string text, int columns) => string.Join(
        '\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => new string(' ', columns) + line));
}
