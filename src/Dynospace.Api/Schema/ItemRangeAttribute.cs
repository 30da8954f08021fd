namespace Dynospace.Api.Schema;

/// <summary>Bounds each number of a list, both ends included.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemRangeAttribute(int minimum, int maximum) : Attribute
{
    /// <summary>The least value.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>The greatest value.</summary>
    public int Maximum { get; } = maximum;
}
