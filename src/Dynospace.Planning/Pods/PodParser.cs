using System.Globalization;
using System.Text.Json;
using Dynospace.Api;

namespace Dynospace.Planning.Pods;

/// <summary>Reads the facts of a pod.</summary>
internal static class PodParser
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();

    public static PodFacts Parse(JsonElement pod)
    {
        var metadata = Get(pod, "metadata");
        var status = Get(pod, "status");
        var labels = Get(metadata, "labels");
        // The owner reference comes first: a label can be removed, but the owner cannot change without making the pod
        // another one's.
        var dyno = OwningDyno(metadata) ?? Text(labels, Labels.Dyno);
        var isDyno = dyno is not null;
        var canary = isDyno ? null : Canary(metadata, labels);
        var scheduling = Condition(status, "PodScheduled");
        var isUnschedulable = Text(scheduling, "status") == ConditionStatus.False
            && Text(scheduling, "reason") == "Unschedulable";
        return new()
        {
            Namespace = WordPool.Shared(Text(metadata, "namespace")) ?? "",
            Name = Text(metadata, "name") ?? "",
            Uid = Text(metadata, "uid") ?? "",
            CreatedAt = Time(metadata, "creationTimestamp"),
            ResourceVersion = Text(metadata, "resourceVersion"),
            OwnerUid = OwnerUid(metadata),
            Dyno = dyno,
            LabelDigest = isDyno ? PodLabels.Digest(labels) : 0,
            HasName = isDyno && Text(labels, Labels.ComponentName) is not null,
            Canary = canary,
            TemplateHash = Text(Get(metadata, "annotations"), Annotations.TemplateHash),
            OutboundIPs = isDyno ? OutboundIPs(Get(metadata, "annotations")) : null,
            GateMessage = isDyno ? GateMessage(status) : null,
            WithoutImage = isDyno ? WithoutImage(status) : null,
            Release =
                long.TryParse(
                    Text(labels, Labels.Release), NumberStyles.None, CultureInfo.InvariantCulture, out var release)
                        ? release
                        : null,
            Phase = Phase(Text(status, "phase"), Text(status, "reason")),
            Reason = WordPool.Shared(Text(status, "reason")),
            Message = isUnschedulable ? Text(scheduling, "message") : Text(status, "message"),
            IsReady = Text(Condition(status, "Ready"), "status") == ConditionStatus.True,
            IsUnschedulable = isUnschedulable,
            IsTerminating = metadata.ValueKind == JsonValueKind.Object
                && metadata.TryGetProperty("deletionTimestamp", out _),
            IP = Text(status, "podIP"),
            OtherIP = OtherIP(status),
            Finalizers = Finalizers(metadata),
            IsInHostNetwork = Get(Get(pod, "spec"), "hostNetwork").ValueKind == JsonValueKind.True,
            HasOwnDns = Text(Get(pod, "spec"), "dnsPolicy") == "None",
            Node = WordPool.Shared(Text(Get(pod, "spec"), "nodeName")),
            Container = Container(
                status,
                isDyno ? ContainerNames.Dyno : canary is null ? null : ContainerNames.Canary,
                isDyno && Text(labels, Labels.ProcessType) == ProcessTypes.Release),
            Labels = isDyno ? NoLabels : ReadLabels(labels),
        };
    }

    /// <summary>
    /// The phase of a pod. On a lost node (reason NodeLost) it stays Running or Pending, so it counts as Unknown.
    /// </summary>
    private static PodPhase Phase(string? phase, string? reason) => (phase, reason) switch
    {
        (_, "NodeLost") => PodPhase.Unknown,
        ("Running", _) => PodPhase.Running,
        ("Succeeded", _) => PodPhase.Succeeded,
        ("Failed", _) => PodPhase.Failed,
        ("Pending" or "" or null, _) => PodPhase.Pending,
        _ => PodPhase.Unknown,
    };

    private static string? OutboundIPs(JsonElement annotations) =>
        (Text(annotations, Annotations.OutboundIP), Text(annotations, Annotations.OutboundIP6)) switch
        {
            ({ } v4, { } v6) => WordPool.Shared($"{v4},{v6}"),
            var (v4, v6) => WordPool.Shared(v4 ?? v6),
        };

    /// <summary>The last message of a gate that gave up, or the state of one that waits.</summary>
    private static string? GateMessage(JsonElement status)
    {
        foreach (var container in Items(status, "initContainerStatuses"))
        {
            if (Text(container, "name") != ContainerNames.Gate)
            {
                continue;
            }

            var (state, last) = (Get(container, "state"), Get(Get(container, "lastState"), "terminated"));
            var ended = Get(state, "terminated");
            return ended.ValueKind == JsonValueKind.Object && Number(ended, "exitCode") == 0
                ? null
                : Text(ended, "message") ?? Text(last, "message") ?? "";
        }

        return null;
    }

    private static string? WithoutImage(JsonElement status)
    {
        foreach (var container in Items(status, "initContainerStatuses"))
        {
            if (Text(Get(Get(container, "state"), "waiting"), "reason") is { } reason && KubeletWords.IsOfImage(reason))
            {
                return WordPool.Shared(Text(container, "name"));
            }
        }

        return null;
    }

    private static CanaryFacts? Canary(JsonElement metadata, JsonElement labels) =>
        Text(labels, Labels.Component) == ComponentValues.Canary && Text(labels, Labels.Canary) is { } role
            ? new(role, Time(metadata, "creationTimestamp"))
            : null;

    /// <summary>The state of the container of this name; null for pods without one.</summary>
    private static ContainerFacts? Container(JsonElement status, string? wanted, bool hasLastWords)
    {
        foreach (var container in Items(status, "containerStatuses"))
        {
            if (wanted is not null && Text(container, "name") == wanted)
            {
                return Container(container, hasLastWords);
            }
        }

        return null;
    }

    private static ContainerFacts Container(JsonElement container, bool hasLastWords)
    {
        var state = Get(container, "state");
        var waiting = Get(state, "waiting");
        var ended = Get(state, "terminated");
        return new()
        {
            IsRunning = Get(state, "running").ValueKind == JsonValueKind.Object,
            StartedAt = Time(Get(state, "running"), "startedAt"),
            IsStarted = Get(container, "started").ValueKind == JsonValueKind.True,
            WaitingReason = WordPool.Shared(Text(waiting, "reason")),
            WaitingMessage = Text(waiting, "message"),
            HasEnded = ended.ValueKind == JsonValueKind.Object,
            LastTermination = Termination(ended, hasLastWords)
                ?? Termination(Get(Get(container, "lastState"), "terminated"), hasLastWords),
            Restarts = Number(container, "restartCount"),
        };
    }

    private static TerminationFacts? Termination(JsonElement terminated, bool hasLastWords)
    {
        if (terminated.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return new(
            Number(terminated, "exitCode"),
            WordPool.Shared(Text(terminated, "reason")),
            Time(terminated, "finishedAt") - Time(terminated, "startedAt"))
        {
            FinishedAt = Time(terminated, "finishedAt"),
            LastWords = hasLastWords ? Text(terminated, "message") : null,
        };
    }

    private static string[] Finalizers(JsonElement metadata)
    {
        List<string>? found = null;
        foreach (var finalizer in Items(metadata, "finalizers"))
        {
            (found ??= []).Add(finalizer.GetString() ?? "");
        }

        return found is null ? [] : [.. found];
    }

    private static string? OtherIP(JsonElement status)
    {
        var first = Text(status, "podIP");
        foreach (var address in Items(status, "podIPs"))
        {
            if (Text(address, "ip") is { } other && other != first)
            {
                return other;
            }
        }

        return null;
    }

    private static string? OwnerUid(JsonElement metadata) => Text(Controller(metadata), "uid");

    private static string? OwningDyno(JsonElement metadata) =>
        Controller(metadata) is { ValueKind: JsonValueKind.Object } owner
        && Text(owner, "kind") == "Dyno"
        && Text(owner, "apiVersion")?.StartsWith(DynospaceGroup.Name + "/", StringComparison.Ordinal) == true
            ? Text(owner, "name")
            : null;

    private static JsonElement Controller(JsonElement metadata)
    {
        foreach (var owner in Items(metadata, "ownerReferences"))
        {
            if (Get(owner, "controller").ValueKind == JsonValueKind.True)
            {
                return owner;
            }
        }

        return default;
    }

    private static Dictionary<string, string> ReadLabels(JsonElement labels)
    {
        var read = new Dictionary<string, string>();
        if (labels.ValueKind == JsonValueKind.Object)
        {
            foreach (var label in labels.EnumerateObject())
            {
                read[WordPool.Shared(label.Name)] = WordPool.Shared(label.Value.GetString()) ?? "";
            }
        }

        return read;
    }

    private static JsonElement Condition(JsonElement status, string type)
    {
        foreach (var condition in Items(status, "conditions"))
        {
            if (Text(condition, "type") == type)
            {
                return condition;
            }
        }

        return default;
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        Get(parent, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    private static JsonElement Get(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;

    private static int Number(JsonElement parent, string name) =>
        Get(parent, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value)
            ? value
            : 0;

    private static DateTimeOffset? Time(JsonElement parent, string name) =>
        Get(parent, name) is { ValueKind: JsonValueKind.String } text && text.TryGetDateTimeOffset(out var time)
            ? time
            : null;

    private static string? Text(JsonElement parent, string name) =>
        Get(parent, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
