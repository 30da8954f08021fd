namespace Dynospace.Api.Schema;

/// <summary>A list that merges by key (<c>x-kubernetes-list-type: map</c>), so that two people can own one item each.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapAttribute(params string[] keys) : Attribute
{
    /// <summary>The JSON names of the key fields.</summary>
    public IReadOnlyList<string> Keys { get; } = keys;
}
