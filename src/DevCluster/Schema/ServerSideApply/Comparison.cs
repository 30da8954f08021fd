namespace DevCluster.Schema.ServerSideApply;

/// <summary>How one object differs from another; no field is in more than one of the sets.</summary>
internal sealed record Comparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    public static Comparison None { get; } = new(new(0), new(0), new(0));

    public FieldSet Changed => field ??= Added.Union(Modified);

    /// <summary>The same without some fields and what is below them.</summary>
    public Comparison Without(FieldSet ignored) =>
        new(Added.ExceptTrees(ignored), Modified.ExceptTrees(ignored), Removed.ExceptTrees(ignored));
}
