using System.Globalization;

namespace Dynospace.Planning.Dns;

/// <summary>Names by which the dynos of a space find one another.</summary>
public static class DnsNames
{
    /// <summary>The zone, the same in every space: each has a DNS of its own.</summary>
    public const string Zone = "app.localspace";

    /// <summary>An app. Only what precedes it resolves.</summary>
    public static string OfApp(string app) => $"{app}.{Zone}";

    /// <summary>All dynos of a process type.</summary>
    public static string OfFormation(string app, string processType) => $"{processType}.{OfApp(app)}";

    /// <summary>One dyno.</summary>
    public static string OfDyno(string app, string processType, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{number}.{OfFormation(app, processType)}");
}
