namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>
/// Workloads that behave in the ways that tests need, on clusters that run them and on those that only say so.
/// </summary>
internal interface IWorkloads
{
    /// <summary>Runs until it is asked to stop, and answers on <c>$PORT</c> where that is set.</summary>
    Workload Runs { get; }

    /// <summary>The same from another image; null where there is none.</summary>
    Workload? RunsToo { get; }

    /// <summary>Runs and does not stop when asked to.</summary>
    Workload Stubborn { get; }

    /// <summary>
    /// Runs until it is asked to stop, as a one-off too, and answers on these ports, <c>TCP</c> or <c>UDP</c>.
    /// </summary>
    /// <param name="shellPort">A TCP port where a caller gets a shell; null for none.</param>
    Workload Serves(int? shellPort, params (string Protocol, int Number)[] ports);

    /// <summary>Ends at once, with this code.</summary>
    Workload Exits(int code);

    /// <summary>Is nowhere to be found.</summary>
    Workload Missing { get; }
}
