using System.Globalization;

namespace Dynospace.Planning.Dns;

/// <summary>DNS names of dynos, which resolve inside their space.</summary>
public static class DnsNames
{
    /// <summary>The zone. It is the same in every space, since each space has its own DNS.</summary>
    public const string Zone = "app.localspace";

    /// <summary>The parent of an app's names. It does not resolve itself.</summary>
    public static string OfApp(string app) => $"{app}.{Zone}";

    /// <summary>All dynos of a process type.</summary>
    public static string OfFormation(string app, string processType) => $"{processType}.{OfApp(app)}";

    /// <summary>One dyno.</summary>
    public static string OfDyno(string app, string processType, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{number}.{OfFormation(app, processType)}");
}
