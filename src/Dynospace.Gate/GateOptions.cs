using System.Globalization;
using System.Net;
using Dynospace.Gate.Recording;

namespace Dynospace.Gate;

/// <summary>What the command line says.</summary>
internal sealed record GateOptions
{
    public const string Usage =
        "usage: gate (--gate ADDRESS:PORT | --echo ADDRESS:PORT) --expect ADDRESS[,ADDRESS] [--timeout 5m]\n"
        + "       gate --listen ADDRESS:PORT\n"
        + RecordingProgram.Usage;

    /// <summary>The server to ask: a gateway, or one outside the cluster.</summary>
    public IPEndPoint Target { get; init; } = new(IPAddress.None, 0);

    /// <summary>The addresses that packets may leave from.</summary>
    public IReadOnlyList<IPAddress> Expected { get; init; } = [];

    /// <summary>How long it waits.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Where it answers others with their address; null to ask.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Whether an answer names an expected address.</summary>
    public bool Expects(string answer) => IPAddress.TryParse(answer, out var address) && Expected.Contains(address);

    /// <summary>Reads a command line; null with the problem.</summary>
    public static GateOptions? Parse(string[] args, out string problem)
    {
        problem = "";
        var options = new GateOptions();
        var isAsking = false;
        for (var i = 0; i < args.Length; i += 2)
        {
            var (name, value) = (args[i], i + 1 < args.Length ? args[i + 1] : null);
            if (value is null)
            {
                problem = $"{name} needs a value";
                return null;
            }

            switch (name)
            {
                case "--gate" or "--echo" when IPEndPoint.TryParse(value, out var target) && target.Port != 0:
                    isAsking = true;
                    options = options with { Target = target };
                    break;
                case "--listen" when IPEndPoint.TryParse(value, out var listen) && listen.Port != 0:
                    options = options with { Listen = listen };
                    break;
                case "--expect" when ReadAddresses(value) is { } expected:
                    options = options with { Expected = expected };
                    break;
                case "--timeout" when ReadTime(value) is { } timeout:
                    options = options with { Timeout = timeout };
                    break;
                case "--gate" or "--echo" or "--listen":
                    problem = $"{name}: '{value}' is not an address and a port, such as 169.254.77.77:7877";
                    return null;
                case "--expect":
                    problem = $"{name}: '{value}' is not a list of addresses, such as 203.0.113.10,2001:db8::10";
                    return null;
                case "--timeout":
                    problem = $"{name}: '{value}' is not a time, such as 30s or 5m";
                    return null;
                default:
                    problem = $"'{name}' is not an option";
                    return null;
            }
        }

        if (options.Listen is null && (!isAsking || options.Expected.Count == 0))
        {
            problem = "--gate or --echo, and --expect, are needed";
            return null;
        }

        return options;
    }

    private static List<IPAddress>? ReadAddresses(string text)
    {
        var addresses = new List<IPAddress>();
        foreach (var item in text.Split(','))
        {
            if (!IPAddress.TryParse(item, out var address))
            {
                return null;
            }

            addresses.Add(address);
        }

        return addresses;
    }

    private static TimeSpan? ReadTime(string text)
    {
        var unit = text.Length == 0 ? ' ' : text[^1];
        var digits = text[..^Math.Min(1, text.Length)];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? unit switch
            {
                's' => TimeSpan.FromSeconds(number),
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                _ => null,
            }
            : null;
    }
}
