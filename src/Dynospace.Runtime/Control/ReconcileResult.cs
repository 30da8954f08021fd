namespace Dynospace.Runtime.Control;

/// <summary>What a reconcile that went well asks for.</summary>
/// <param name="RecheckAfter">When to look again though nothing changed; null for never.</param>
public readonly record struct ReconcileResult(TimeSpan? RecheckAfter)
{
    /// <summary>Nothing more until something changes.</summary>
    public static ReconcileResult Done => default;

    /// <summary>Look again after a while; null for <see cref="Done"/>.</summary>
    public static ReconcileResult After(TimeSpan? delay) => new(delay);
}
