namespace Dynospace.Runtime.Applying;

/// <summary>How an applier marks and writes.</summary>
public sealed record ApplierOptions
{
    /// <summary>The field manager of objects; that of statuses is the same with <c>-status</c>.</summary>
    public required string FieldManager { get; init; }

    /// <summary>The annotation that holds the hash of what was applied, so that a removed field is noticed.</summary>
    public required string HashAnnotation { get; init; }

    /// <summary>The label that holds the owner's uid, also where an owner reference cannot be.</summary>
    public required string OwnerUidLabel { get; init; }

    /// <summary>How many objects of one stage are written at once.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>
    /// Lists of custom resources that are maps, with their keys: <c>("App", "spec.processes")</c> to <c>["type"]</c>. Built-in kinds are known.
    /// </summary>
    public IReadOnlyDictionary<(string Kind, string Path), string[]> ListMaps { get; init; } =
        new Dictionary<(string Kind, string Path), string[]>();
}
