using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Applying;

/// <summary>What to do with a desired object.</summary>
internal enum ApplyAction
{
    /// <summary>The cache does not hold it.</summary>
    Create,

    /// <summary>It is not as desired.</summary>
    Apply,

    /// <summary>It is as desired.</summary>
    Keep,

    /// <summary>It belongs to another owner.</summary>
    LeaveForeign,

    /// <summary>It is being deleted, and can be created again only when it is gone.</summary>
    AwaitEnd,
}

/// <summary>Pure: decides what to do with a desired object, given the live one.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Cause">Why, for people.</param>
/// <param name="Difference">Where the content differs, if that is the cause.</param>
internal sealed record ApplyDecision(ApplyAction Action, string Cause, ContentDifference? Difference = null)
{
    /// <summary>Whether the desired content changed since the last apply.</summary>
    public bool IsNewPlan { get; init; }

    public static ApplyDecision Decide(
        PreparedObject prepared, LiveObject? live, OwnerIdentity owner, ApplierOptions options)
    {
        if (live is null)
        {
            return new ApplyDecision(ApplyAction.Create, "it does not exist");
        }

        var isOurs = Ownership.IsOurs(live, owner, options);
        if (!isOurs && !(prepared.Desired.MayAdopt && live.ControllerUid is null))
        {
            return new ApplyDecision(ApplyAction.LeaveForeign, Ownership.Explain(live, owner));
        }

        if (live.IsTerminating)
        {
            return new ApplyDecision(ApplyAction.AwaitEnd, "it is being deleted");
        }

        if (!isOurs)
        {
            return new ApplyDecision(ApplyAction.Apply, "it is adopted");
        }

        if (live.Annotations.GetValueOrDefault(options.HashAnnotation) != prepared.Hash)
        {
            // This also finds what a subset comparison cannot: a field that was applied and is no longer desired.
            return new ApplyDecision(ApplyAction.Apply, "what is desired changed")
            {
                IsNewPlan = live.Annotations.ContainsKey(options.HashAnnotation),
            };
        }

        return FirstDifference(prepared, live, options) is { } difference
            ? new ApplyDecision(ApplyAction.Apply, $"{difference.Path} is not as desired", difference)
            : new ApplyDecision(ApplyAction.Keep, "it is as desired");
    }

    private static ContentDifference? FirstDifference(PreparedObject prepared, LiveObject live, ApplierOptions options)
    {
        var comparer = new ContentComparer(prepared.Desired.Kind.Kind, options);
        if (live.HasContent && !IsImmutable(prepared.Desired.Kind))
        {
            return comparer.FirstDifference(prepared.Content, live.ReadContent());
        }

        var metadata = new JsonObject { ["labels"] = Json(live.Labels), ["annotations"] = Json(live.Annotations) };
        var desired = prepared.Content["metadata"]!.AsObject();
        return comparer.FirstDifference(
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = desired["labels"]?.DeepClone(),
                    ["annotations"] = desired["annotations"]?.DeepClone(),
                },
            },
            new JsonObject { ["metadata"] = metadata });
    }

    /// <summary>
    /// A pod's spec cannot drift, and admission adds to it what an apply could not take away: only its labels and
    /// annotations are compared.
    /// </summary>
    private static bool IsImmutable(ResourceKind kind) => kind is { Group: "", Kind: "Pod" };

    private static JsonObject Json(IReadOnlyDictionary<string, string> map)
    {
        var result = new JsonObject();
        foreach (var (name, value) in map)
        {
            result[name] = value;
        }

        return result;
    }
}

/// <summary>Pure: decides to which owner an object belongs.</summary>
internal static class Ownership
{
    /// <summary>
    /// An object is ours if the owner controls it, or if it has the owner's label and no controller: there an owner
    /// reference is impossible or was removed.
    /// </summary>
    public static bool IsOurs(LiveObject live, OwnerIdentity owner, ApplierOptions options) =>
        live.ControllerUid is { } controller
        ? controller == owner.Uid
        : HasLabel(live, owner, options);

    /// <summary>States to whom a foreign object belongs, and the remedy.</summary>
    public static string Explain(LiveObject live, OwnerIdentity owner) => Text.Cap(live.ControllerName is { } controller
        ? $"{live.Reference} exists and is controlled by {controller}; rename one of them or delete it for "
            + $"{owner.Kind.Kind} {owner.Key} to make its own."
        : $"{live.Reference} exists and was not made for {owner.Kind.Kind} {owner.Key}; "
            + "rename one of them or delete it.");

    private static bool HasLabel(LiveObject live, OwnerIdentity owner, ApplierOptions options) =>
        live.Labels.GetValueOrDefault(options.OwnerUidLabel) == owner.Uid;
}
