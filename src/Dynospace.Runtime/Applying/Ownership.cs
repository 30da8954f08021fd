namespace Dynospace.Runtime.Applying;

/// <summary>Pure: whose an object is.</summary>
internal static class Ownership
{
    /// <summary>
    /// Ours is what we control, and what nobody controls and bears our label: there an owner reference cannot be, or somebody took it away.
    /// </summary>
    public static bool IsOurs(LiveObject live, OwnerIdentity owner, ApplierOptions options) => live.ControllerUid is { } controller
        ? controller == owner.Uid
        : HasLabel(live, owner, options);

    /// <summary>To be deleted it must also bear the label, so that an object somebody detached on purpose survives.</summary>
    public static bool MayPrune(LiveObject live, OwnerIdentity owner, ApplierOptions options) =>
        IsOurs(live, owner, options) && HasLabel(live, owner, options);

    /// <summary>Whose an object is that is not ours, and what helps.</summary>
    public static string Explain(LiveObject live, OwnerIdentity owner) => Text.Cap(live.ControllerName is { } controller
        ? $"{live.Reference} exists and is controlled by {controller}; rename one of them or delete it for {owner.Kind.Kind} {owner.Key} to make its own."
        : $"{live.Reference} exists and was not made for {owner.Kind.Kind} {owner.Key}; rename one of them or delete it.");

    private static bool HasLabel(LiveObject live, OwnerIdentity owner, ApplierOptions options) =>
        live.Labels.GetValueOrDefault(options.OwnerUidLabel) == owner.Uid;
}
