// Dynos: the Dyno resource: one process of an app, which runs in one pod at a time.

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Apps;
using Dynospace.Api.Schema;
using k8s;
using k8s.Models;

namespace Dynospace.Api.Dynos;

/// <summary>
/// One running instance of a process, in one pod. The operator creates Dynos for an App's formation; create one
/// yourself only for a one-off run.
/// </summary>
[KubernetesEntity(
    Group = DynospaceGroup.Name, ApiVersion = DynospaceGroup.Version, Kind = "Dyno", PluralName = "dynos")]
[CustomResource(ResourceScope.Namespaced, "dy")]
[PrinterColumn("State", "string", ".status.state")]
[PrinterColumn("Release", "integer", ".status.release")]
[PrinterColumn("IP", "string", ".status.podIP")]
[PrinterColumn("Node", "string", ".status.node")]
[PrinterColumn("Restarts", "integer", ".status.restarts")]
[PrinterColumn("Up", "string", """.status.conditions[?(@.type=="Up")].status""")]
[PrinterColumn("Reason", "string", """.status.conditions[?(@.type=="Up")].reason""")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
[PrinterColumn("Pod", "string", ".status.pod", Priority = 1)]
[PrinterColumn("Subnet", "string", ".status.subnet", Priority = 1)]
[PrinterColumn("Outbound", "string", ".spec.outboundIPs", Priority = 1)]
[PrinterColumn("Message", "string", """.status.conditions[?(@.type=="Up")].message""", Priority = 1)]
[CelRule(
    """
    self.metadata.name.startsWith(self.spec.app + '.' + self.spec.processType + '.')
    && (has(self.spec.index)
      ? self.metadata.name.matches('^[^.]+[.][^.]+[.][1-9][0-9]{0,4}$')
      : self.spec.processType == 'run' && self.metadata.name.matches('^[^.]+[.][^.]+[.][a-z0-9]{1,16}$'))
    """,
    "metadata.name must be <app>.<processType>.<n> with n from 1 to 99999, such as shop.run.1; a run without "
    + "spec.index takes metadata.generateName, such as shop.run.r")]
[CelRule(
    """
    !has(self.spec.index) || !self.metadata.name.matches('[.][1-9][0-9]{0,4}$')
    || int(self.metadata.name.substring(self.metadata.name.lastIndexOf('.') + 1)) == self.spec.index
    """,
    "spec.index must be the number at the end of metadata.name: change one of them",
    FieldPath = ".spec.index")]
public sealed class Dyno : IKubernetesObject<V1ObjectMeta>, ISpec<DynoSpec>, IStatus<DynoStatus?>
{
    /// <summary>The largest number at the end of a name.</summary>
    public const int MaxIndex = 99_999;

    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = $"{DynospaceGroup.Name}/{DynospaceGroup.Version}";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Dyno";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Desired state of the Dyno.</summary>
    [JsonPropertyName("spec"), Required]
    public DynoSpec Spec { get; set; } = new();

    /// <summary>Last observed state of the Dyno, written by the operator.</summary>
    [JsonPropertyName("status")]
    public DynoStatus? Status { get; set; }
}

/// <summary>Desired state of a Dyno. Image and config are those of the app's release.</summary>
[CelRule(
    """
    self.app == oldSelf.app && self.processType == oldSelf.processType
    && has(self.index) == has(oldSelf.index) && (!has(self.index) || self.index == oldSelf.index)
    """,
    "app, processType and index are the dyno's identity and cannot change: create another Dyno")]
[CelRule(
    "self.processType == 'run' || (!has(self.env) && !has(self.stdin) && !has(self.tty))",
    "env, stdin and tty are for one-off runs: remove them, or use processType run")]
public sealed class DynoSpec
{
    /// <summary>The name of the App, in the same namespace.</summary>
    [JsonPropertyName("app"), Required, StringLength(30, MinimumLength = 1), RegularExpression(Cel.LabelPattern)]
    public string App { get; set; } = "";

    /// <summary>The process type; <c>run</c> for a one-off run of your own.</summary>
    [JsonPropertyName("processType"), Required, StringLength(20, MinimumLength = 1)]
    [RegularExpression(Cel.LabelPattern)]
    public string ProcessType { get; set; } = "";

    /// <summary>
    /// The number at the end of the name. A run may leave it out, with a name that the API server generates: the
    /// operator then gives it a number, and removes it an hour after it has ended.
    /// </summary>
    [JsonPropertyName("index"), Range(1, Dyno.MaxIndex), UnstatedDefault]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Index { get; set; }

    /// <summary>
    /// The number of the app's release to run. If omitted, the release that is current when the dyno starts.
    /// </summary>
    [JsonPropertyName("release"), Range(1, int.MaxValue)]
    public long? Release { get; set; }

    /// <summary>
    /// The command and its arguments, run without a shell. If omitted, the command of the release's process type, or
    /// the image's own.
    /// </summary>
    [JsonPropertyName("command"), MaxLength(64), ItemLength(0, 4096)]
    public IList<string>? Command { get; set; }

    /// <summary>The dyno size, which sets memory and CPU.</summary>
    [JsonPropertyName("size"), DefaultValue(DynoSizes.Default), DynoSizeName]
    [StringLength(DynoSizes.LongestName, MinimumLength = 1)]
    public string Size { get; set; } = DynoSizes.Default;

    /// <summary>Environment variables of a run, beside the app's config vars, which they override.</summary>
    [JsonPropertyName("env"), MaxLength(64), ItemLength(0, 32768)]
    [CelRule(
        Cel.NamesAreVariables,
        "names of variables are letters, digits and underscores and do not begin with a digit: rename the others")]
    [CelRule(
        Cel.ValuesHaveNoNul,
        "values of variables must not contain NUL, which no environment can hold: remove it")]
    [CelRule(
        "!self.exists(k, k == 'PORT' || k == 'DYNO' || k.startsWith('DYNO_DNS_'))",
        "PORT, DYNO and names that begin with DYNO_DNS_ are set by the platform: remove or rename them")]
    public IDictionary<string, string>? Env { get; set; }

    /// <summary>
    /// If true, a client that attaches to a run can write to the input of its process, until the client leaves.
    /// </summary>
    [JsonPropertyName("stdin")]
    public bool? Stdin { get; set; }

    /// <summary>If true, a run has a terminal. Needs stdin.</summary>
    [JsonPropertyName("tty")]
    public bool? Tty { get; set; }

    /// <summary>Another value than before replaces the pod. Set by the operator for a restart on request.</summary>
    [JsonPropertyName("restart"), StringLength(64, MinimumLength = 1)]
    public string? Restart { get; set; }

    /// <summary>
    /// The fixed source addresses that the dyno's packets leave from, at most one IPv4 and one IPv6. The operator sets
    /// it in a space with fixed IPs, and other addresses than before replace the pod. If omitted, a run there takes
    /// some of the space's.
    /// </summary>
    [JsonPropertyName("outboundIPs"), ListSet, MaxLength(2), ItemLength(1, 45)]
    public IList<string>? OutboundIPs { get; set; }
}

/// <summary>Last observed state of a Dyno.</summary>
public sealed class DynoStatus
{
    /// <summary>The generation of the spec that this status describes.</summary>
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    /// <summary>What the dyno is doing.</summary>
    [JsonPropertyName("state")]
    public DynoState? State { get; set; }

    /// <summary>The number that the operator gave to a run without one, as in <c>run.9157</c>.</summary>
    [JsonPropertyName("index")]
    public int? Index { get; set; }

    /// <summary>
    /// When the dyno came into its state. Omitted where it has not changed since an operator that did not record it.
    /// </summary>
    [JsonPropertyName("since")]
    public DateTime? Since { get; set; }

    /// <summary>The number of the release that the pod runs.</summary>
    [JsonPropertyName("release")]
    public long? Release { get; set; }

    /// <summary>The name of the pod.</summary>
    [JsonPropertyName("pod")]
    public string? Pod { get; set; }

    /// <summary>The IP address of the pod.</summary>
    [JsonPropertyName("podIP")]
    public string? PodIP { get; set; }

    /// <summary>The IP addresses of a pod that has one of each family; omitted where it has one address.</summary>
    [JsonPropertyName("podIPs")]
    public IList<string>? PodIPs { get; set; }

    /// <summary>
    /// The address of the dyno's interface, in its subnet. Omitted where the cluster's network gives dynos no subnet of
    /// their own: podIP is the address there.
    /// </summary>
    [JsonPropertyName("address")]
    public string? Address { get; set; }

    /// <summary>
    /// The /30 that the dyno shares with its node's end of the link alone, for example <c>172.24.0.4/30</c>. Omitted
    /// where the cluster's network gives dynos no subnet of their own.
    /// </summary>
    [JsonPropertyName("subnet")]
    public string? Subnet { get; set; }

    /// <summary>
    /// The addresses of the dyno's interface where it has one of each family, in its subnets; omitted otherwise.
    /// </summary>
    [JsonPropertyName("addresses")]
    public IList<string>? Addresses { get; set; }

    /// <summary>
    /// The subnets of these addresses, in their order, for example <c>172.24.0.4/30</c> and
    /// <c>fd79:646e::ac18:4/126</c>.
    /// </summary>
    [JsonPropertyName("subnets")]
    public IList<string>? Subnets { get; set; }

    /// <summary>The node that runs the pod.</summary>
    [JsonPropertyName("node")]
    public string? Node { get; set; }

    /// <summary>The number of times that the process was restarted in this pod.</summary>
    [JsonPropertyName("restarts")]
    public int? Restarts { get; set; }

    /// <summary>The exit code with which the process of the pod ended last. Omitted while it has not ended.</summary>
    [JsonPropertyName("exitCode")]
    public int? ExitCode { get; set; }

    /// <summary>Why it ended, in the kubelet's word, for example <c>OOMKilled</c>.</summary>
    [JsonPropertyName("exitReason")]
    public string? ExitReason { get; set; }

    /// <summary>When it ended.</summary>
    [JsonPropertyName("exitedAt")]
    public DateTime? ExitedAt { get; set; }

    /// <summary>Up: whether the process runs and, for web, answers on its port. The reason says why not.</summary>
    [JsonPropertyName("conditions"), ListMap("type")]
    public IList<V1Condition>? Conditions { get; set; }
}

/// <summary>What a dyno is doing, in the platform's terms.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DynoState>))]
public enum DynoState
{
    /// <summary>No pod yet; the condition says why.</summary>
    Pending,

    /// <summary>The pod exists and is not ready.</summary>
    Starting,

    /// <summary>The process runs; web answers on its port.</summary>
    Up,

    /// <summary>The process ended and will be restarted.</summary>
    Crashed,

    /// <summary>A one-off run ended with exit code 0.</summary>
    Complete,

    /// <summary>A one-off run ended with another exit code.</summary>
    Failed,

    /// <summary>The pod is being stopped.</summary>
    Stopping,
}
