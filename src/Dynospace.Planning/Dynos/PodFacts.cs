using System.Text.Json;

namespace Dynospace.Planning.Dynos;

/// <summary>What is kept of a pod: a whole one is ten times as large, and there are as many as dynos.</summary>
public sealed record PodFacts
{
    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pod's name.</summary>
    public required string Name { get; init; }

    /// <summary>The pod's UID.</summary>
    public required string Uid { get; init; }

    /// <summary>The resource version that these facts are of.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>The UID of its controlling owner; null when it has none.</summary>
    public string? OwnerUid { get; init; }

    /// <summary>The name of its Dyno, from its label; null for a pod that is no dyno.</summary>
    public string? Dyno { get; init; }

    /// <summary>What a canary of a trial is; null for any other pod.</summary>
    public CanaryFacts? Canary { get; init; }

    /// <summary>The hash of the template that it was made from.</summary>
    public string? TemplateHash { get; init; }

    /// <summary>The release that it runs.</summary>
    public long? Release { get; init; }

    /// <summary>The phase.</summary>
    public PodPhase Phase { get; init; }

    /// <summary>The pod's own reason, such as <c>Evicted</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The pod's own message, or the scheduler's when no node takes it.</summary>
    public string? Message { get; init; }

    /// <summary>Whether it is ready.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether the scheduler found no node.</summary>
    public bool IsUnschedulable { get; init; }

    /// <summary>Whether it is being deleted.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>The address.</summary>
    public string? IP { get; init; }

    /// <summary>The node.</summary>
    public string? Node { get; init; }

    /// <summary>What its container does; null before the kubelet has it.</summary>
    public ContainerFacts? Container { get; init; }

    /// <summary>The labels of a pod that is no dyno, for the selectors of data services; empty for dynos.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it ended by itself.</summary>
    public bool HasEnded => Phase is PodPhase.Succeeded or PodPhase.Failed;

    /// <summary>The facts of a pod in JSON.</summary>
    public static PodFacts Parse(JsonElement pod) => PodParser.Parse(pod);
}
