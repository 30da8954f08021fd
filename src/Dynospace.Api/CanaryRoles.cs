namespace Dynospace.Api;

/// <summary>Values of <see cref="Labels.Canary"/>.</summary>
public static class CanaryRoles
{
    /// <summary>The pod that listens.</summary>
    public const string Target = "target";

    /// <summary>The pod that connects, and ends with what it saw.</summary>
    public const string Probe = "probe";
}
