namespace Dynospace.Api;

/// <summary>Values of <see cref="Labels.Routing"/>.</summary>
public static class RoutingValues
{
    /// <summary>Web dynos that the public listener serves.</summary>
    public const string Public = "public";

    /// <summary>Web dynos of an app with internal routing.</summary>
    public const string Internal = "internal";

    /// <summary>Every other dyno: receives no web requests.</summary>
    public const string None = "none";
}
