namespace Dynospace.Api.Schema;

/// <summary>A CEL rule on a type or a property (<c>x-kubernetes-validations</c>).</summary>
/// <param name="rule">The expression, true for what is admitted.</param>
/// <param name="message">What is wrong and what to do about it.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class CelRuleAttribute(string rule, string message) : Attribute
{
    /// <summary>The expression, true for what is admitted.</summary>
    public string Rule { get; } = rule;

    /// <summary>What is wrong and what to do about it.</summary>
    public string Message { get; } = message;

    /// <summary>An expression for a message that quotes the value; <see cref="Message"/> is used where it fails.</summary>
    public string? MessageExpression { get; init; }

    /// <summary>The field that the error names, relative to the rule's place: <c>.region</c>.</summary>
    public string? FieldPath { get; init; }

    /// <summary>The rule is for each item of the list, or each value of the map, that the property holds.</summary>
    public bool OnItems { get; init; }
}
