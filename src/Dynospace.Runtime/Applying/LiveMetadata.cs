using System.Collections.Frozen;

namespace Dynospace.Runtime.Applying;

/// <summary>What <see cref="LiveObjectReader"/> finds in an object's metadata.</summary>
internal sealed record LiveMetadata
{
    public required string Uid { get; init; }

    public required string ResourceVersion { get; init; }

    public bool IsTerminating { get; init; }

    public string? ControllerUid { get; init; }

    public string? ControllerName { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = FrozenDictionary<string, string>.Empty;

    public IReadOnlyList<string> Finalizers { get; init; } = [];
}
