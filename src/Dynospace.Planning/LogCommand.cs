using Dynospace.Api;

namespace Dynospace.Planning;

/// <summary>The command that shows a dyno's log, for messages.</summary>
public static class LogCommand
{
    /// <summary>The command for the log of a dyno, by its name such as <c>shop.web.1</c>.</summary>
    public static string ForDyno(string ns, string dyno)
    {
        var parts = dyno.Split('.', 3);
        var what = parts is not [_, var type, var number]
            ? ""
            : type switch
            {
                // A run's name does not contain its number, and a release phase is a separate source.
                ProcessTypes.Run => " -p run",
                ProcessTypes.Release => " -s release",
                _ => $" -d {type}.{number}",
            };
        return $"dynospace logs --space {ns} -a {parts[0]}{what}";
    }
}
