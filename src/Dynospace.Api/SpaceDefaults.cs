namespace Dynospace.Api;

/// <summary>Numbers of the platform that more than one part needs.</summary>
public static class SpaceDefaults
{
    /// <summary>The platform-wide <c>$PORT</c>, TCP.</summary>
    public const int Port = 5000;

    /// <summary>The most trusted IP ranges a space takes (the platform's documented limit).</summary>
    public const int MaxTrustedIPRanges = 20;

    /// <summary>The most dynos an app runs (the platform's documented limit).</summary>
    public const int MaxDynosPerApp = 100;

    /// <summary>The pods of a router, for each listener.</summary>
    public const int RouterReplicas = 2;

    /// <summary>
    /// How long a web dyno may take until the first byte of its response (the platform's documented limit).
    /// </summary>
    public const int FirstByteTimeoutSeconds = 30;

    /// <summary>How long a connection may be silent after the first byte (the platform's documented limit).</summary>
    public const int IdleTimeoutSeconds = 55;

    /// <summary>Who may send web requests where a space names no ranges.</summary>
    public static IReadOnlyList<string> TrustedIPRanges { get; } = ["0.0.0.0/0", "::/0"];
}

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
