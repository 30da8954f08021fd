using Dynospace.Api;

namespace Dynospace.Planning;

/// <summary>The command that shows what a dyno wrote, as messages name it.</summary>
public static class LogCommand
{
    /// <summary>The last runs of a dyno, by its name: <c>shop.web.1</c>.</summary>
    public static string ForDyno(string ns, string dyno)
    {
        var parts = dyno.Split('.', 3);
        var what = parts is not [_, var type, var number]
            ? ""
            : type switch
            {
                // The number of a run is not in its name, and a release phase is a source of its own.
                ProcessTypes.Run => " -p run",
                ProcessTypes.Release => " -s release",
                _ => $" -d {type}.{number}",
            };
        return $"dynospace logs --space {ns} -a {parts[0]}{what}";
    }
}
