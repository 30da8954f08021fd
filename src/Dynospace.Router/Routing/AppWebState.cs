namespace Dynospace.Router.Routing;

/// <summary>Whether an app's web dynos can take requests, and why not.</summary>
public enum AppWebState
{
    /// <summary>At least one web dyno listens.</summary>
    Running,

    /// <summary>The formation has no web dyno (H14).</summary>
    NoWebDynos,

    /// <summary>Every web dyno has crashed (H10).</summary>
    Crashed,

    /// <summary>No web dyno listens yet, or none did in its boot time (H20).</summary>
    Booting,

    /// <summary>Nothing was released yet (H81).</summary>
    Blank,
}
