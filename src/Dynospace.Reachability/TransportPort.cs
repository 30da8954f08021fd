using System.Globalization;

namespace Dynospace.Reachability;

/// <summary>A port number of a protocol.</summary>
public readonly record struct TransportPort
{
    /// <summary>The lowest port number.</summary>
    public const int Lowest = 1;

    /// <summary>The highest port number.</summary>
    public const int Highest = 65535;

    /// <summary>A port of the protocol.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 1 to 65535.</exception>
    public TransportPort(TransportProtocol protocol, int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, Lowest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, Highest);
        Protocol = protocol;
        Number = number;
    }

    /// <summary>TCP, UDP or SCTP.</summary>
    public TransportProtocol Protocol { get; }

    /// <summary>1 to 65535.</summary>
    public int Number { get; }

    /// <summary>A TCP port.</summary>
    public static TransportPort Tcp(int number) => new(TransportProtocol.Tcp, number);

    /// <summary>A UDP port.</summary>
    public static TransportPort Udp(int number) => new(TransportProtocol.Udp, number);

    /// <summary>An SCTP port.</summary>
    public static TransportPort Sctp(int number) => new(TransportProtocol.Sctp, number);

    /// <summary>Reads <c>5432</c>, <c>5432/tcp</c> or <c>53/UDP</c>.</summary>
    public static bool TryParse(string? text, out TransportPort port)
    {
        port = default;
        var parts = (text ?? string.Empty).Split('/');
        if (parts.Length > 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number is < Lowest or > Highest)
        {
            return false;
        }

        TransportProtocol? protocol = parts.Length == 1 ? TransportProtocol.Tcp : parts[1].ToUpperInvariant() switch
        {
            "TCP" => TransportProtocol.Tcp,
            "UDP" => TransportProtocol.Udp,
            "SCTP" => TransportProtocol.Sctp,
            _ => null,
        };
        if (protocol is not { } known)
        {
            return false;
        }

        port = new(known, number);
        return true;
    }

    /// <summary>Such as <c>TCP 5432</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Protocol.ToString().ToUpperInvariant()} {Number}");
}

/// <summary>The protocols that a NetworkPolicy can tell apart.</summary>
public enum TransportProtocol
{
    /// <summary>TCP, the default of every port in the Kubernetes API.</summary>
    Tcp,

    /// <summary>UDP.</summary>
    Udp,

    /// <summary>SCTP.</summary>
    Sctp,
}
