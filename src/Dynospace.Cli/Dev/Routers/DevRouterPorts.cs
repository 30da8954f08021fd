namespace Dynospace.Cli.Dev.Routers;

/// <summary>The ports of one router: two that follow each other, beginning at the given base, or any two that are free.</summary>
internal readonly record struct DevRouterPorts(int Http, int Https)
{
    /// <summary>The first pair that no other router has.</summary>
    public static DevRouterPorts Next(int first, IReadOnlyCollection<DevRouterPorts> taken)
    {
        if (first == 0)
        {
            return default;
        }

        var pair = new DevRouterPorts(first, first + 1);
        while (taken.Contains(pair))
        {
            pair = new DevRouterPorts(pair.Http + 2, pair.Https + 2);
        }

        return pair.Https <= ushort.MaxValue
            ? pair
            : throw new CliException($"there are more routers than ports from {first} on: choose a lower --router-port.");
    }
}
