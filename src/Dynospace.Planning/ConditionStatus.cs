namespace Dynospace.Planning;

/// <summary>Values of a condition's status.</summary>
public static class ConditionStatus
{
    /// <summary>It is so.</summary>
    public const string True = "True";

    /// <summary>It is not so.</summary>
    public const string False = "False";

    /// <summary>Nobody knows.</summary>
    public const string Unknown = "Unknown";

    /// <summary>The value for a known answer.</summary>
    public static string Of(bool value) => value ? True : False;
}
