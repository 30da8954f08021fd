namespace Dynospace.Api.Schema;

/// <summary>The regular expression that each string of a list must match.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemPatternAttribute(string pattern) : Attribute
{
    /// <summary>An RE2 expression, anchored.</summary>
    public string Pattern { get; } = pattern;
}
