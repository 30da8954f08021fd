namespace Dynospace.Api;

/// <summary>Process types with a meaning of their own.</summary>
public static class ProcessTypes
{
    /// <summary>The only type that gets <c>PORT</c> and receives requests.</summary>
    public const string Web = "web";

    /// <summary>One-off dynos that people start.</summary>
    public const string Run = "run";

    /// <summary>The one-off dyno of a release phase.</summary>
    public const string Release = "release";
}
