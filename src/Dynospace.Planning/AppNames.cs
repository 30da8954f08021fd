namespace Dynospace.Planning;

/// <summary>
/// Names of the objects of an app. They are unique across apps, types and units, since neither app nor type contains a
/// double hyphen.
/// </summary>
public static class AppNames
{
    /// <summary>The Service of the web dynos.</summary>
    public static string WebService(string app) => app;

    /// <summary>The headless Service of a process type.</summary>
    public static string HeadlessService(string app, string processType) => $"{app}--{processType}";

    /// <summary>A Dyno.</summary>
    public static string Dyno(string app, string processType, long index) => $"{app}.{processType}.{index}";
}
