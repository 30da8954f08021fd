// Schema: attributes of resource types that become a schema's constraints, rules and printer columns.

namespace Dynospace.Api.Schema;

// Attributes that say what C# and DataAnnotations cannot say about a custom resource's schema.

/// <summary>The scope of a custom resource's objects.</summary>
public enum ResourceScope
{
    /// <summary>One set for the whole cluster.</summary>
    Cluster,

    /// <summary>One set in each namespace.</summary>
    Namespaced,
}

/// <summary>
/// Makes a class a custom resource; with <c>KubernetesEntityAttribute</c> it holds all that the CRD's names need.
/// </summary>
/// <param name="scope">Whether objects live in namespaces.</param>
/// <param name="shortNames">What people may type instead of the plural.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CustomResourceAttribute(ResourceScope scope, params string[] shortNames) : Attribute
{
    /// <summary>Whether objects live in namespaces.</summary>
    public ResourceScope Scope { get; } = scope;

    /// <summary>What people may type instead of the plural.</summary>
    public IReadOnlyList<string> ShortNames { get; } = shortNames;

    /// <summary>Scale subresource: the path of the desired number, null for none.</summary>
    public string? SpecReplicasPath { get; init; }

    /// <summary>Scale subresource: the path of the present number.</summary>
    public string? StatusReplicasPath { get; init; }

    /// <summary>Scale subresource: the path of the label selector as a string, for autoscalers.</summary>
    public string? LabelSelectorPath { get; init; }
}

/// <summary>A column of <c>kubectl get</c>, in the order of the attributes.</summary>
/// <param name="name">The heading.</param>
/// <param name="type"><c>string</c>, <c>integer</c>, <c>boolean</c> or <c>date</c>.</param>
/// <param name="jsonPath">The path of the value.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name, string type, string jsonPath) : Attribute
{
    /// <summary>The heading.</summary>
    public string Name { get; } = name;

    /// <summary>The OpenAPI type of the value.</summary>
    public string Type { get; } = type;

    /// <summary>The path of the value.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary>0 always shows the column, 1 only <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}

/// <summary>A CEL rule on a type or a property (<c>x-kubernetes-validations</c>).</summary>
/// <param name="rule">The expression, true for valid values. Line breaks become spaces.</param>
/// <param name="message">What is wrong and what to do about it.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public class CelRuleAttribute(string rule, string message) : Attribute
{
    /// <summary>The expression, true for valid values.</summary>
    public string Rule { get; } = rule.ReplaceLineEndings(" ");

    /// <summary>What is wrong and what to do about it.</summary>
    public string Message { get; } = message;

    /// <summary>
    /// An expression for a message that quotes the value; <see cref="Message"/> is used where it fails.
    /// </summary>
    public string? MessageExpression { get; init; }

    /// <summary>The field that the error names, relative to the rule's place: <c>.region</c>.</summary>
    public string? FieldPath { get; init; }

    /// <summary>The rule is for each item of the list, or each value of the map, that the property holds.</summary>
    public bool OnItems { get; init; }
}

/// <summary>
/// Bounds the length, in characters, of each string in a list or of each value of a map. CEL's cost estimate needs it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemLengthAttribute(int minimum, int maximum) : Attribute
{
    /// <summary>The least number of characters.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>The greatest number of characters.</summary>
    public int Maximum { get; } = maximum;
}

/// <summary>The regular expression that each string of a list must match.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemPatternAttribute(string pattern) : Attribute
{
    /// <summary>An RE2 expression, anchored.</summary>
    public string Pattern { get; } = pattern;
}

/// <summary>Bounds each number of a list, both ends included.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemRangeAttribute(int minimum, int maximum) : Attribute
{
    /// <summary>The least value.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>The greatest value.</summary>
    public int Maximum { get; } = maximum;
}

/// <summary>
/// A list that merges by key (<c>x-kubernetes-list-type: map</c>), so that two writers can own one item each.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapAttribute(params string[] keys) : Attribute
{
    /// <summary>The JSON names of the key fields.</summary>
    public IReadOnlyList<string> Keys { get; } = keys;
}

/// <summary>A list of scalars without duplicates (<c>x-kubernetes-list-type: set</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListSetAttribute : Attribute;

/// <summary>
/// An optional field of a list item whose default the schema does not state: the property's initial value holds where
/// the field is absent. A default in the schema would be stored, and client-side apply and Argo CD would see it as
/// drift in each item.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnstatedDefaultAttribute : Attribute;
