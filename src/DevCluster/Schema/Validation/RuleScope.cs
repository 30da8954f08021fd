namespace DevCluster.Schema.Validation;

/// <summary>
/// Where rule validation stands in the old object: at the old value that corresponds, or, below a list without keys, at
/// the last ancestor that has one.
/// </summary>
internal sealed record RuleScope(CorrelatedValue? Current, CorrelatedValue? Ancestor)
{
    /// <summary>
    /// Findings are tolerated here, because nothing changed since they were not findings or not checked.
    /// </summary>
    public bool IsUnchanged => (Current ?? Ancestor)?.IsUnchanged == true;

    public RuleScope Key(string name) =>
        Current is null ? this
        : Ancestor is null && name is "apiVersion" or "kind" ? new RuleScope(null, null)
        : new RuleScope(Current.Key(name), Current);

    public RuleScope Index(int index) => Current is null ? this : new RuleScope(Current.Index(index), Current);
}
