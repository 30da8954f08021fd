namespace Dynospace.Api.Schema;

/// <summary>Bounds the length, in characters, of each string in a list or of each value of a map. CEL's cost estimate needs it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemLengthAttribute(int minimum, int maximum) : Attribute
{
    /// <summary>The least number of characters.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>The greatest number of characters.</summary>
    public int Maximum { get; } = maximum;
}
