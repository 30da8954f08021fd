namespace DevCluster.Schema.Structural;

/// <summary>One entry of <c>x-kubernetes-validations</c>.</summary>
public sealed record ValidationRule(
    string Rule,
    string? Message = null,
    string? MessageExpression = null,
    string? Reason = null,
    string? FieldPath = null,
    bool OptionalOldSelf = false);
