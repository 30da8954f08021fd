using DevCluster.ApiServer.Storage;

namespace DevCluster.Simulator.Controllers;

/// <summary>One loop of the control plane. Called by one thread only.</summary>
internal interface IController
{
    /// <summary>Notes what a change makes due; the view shows the change already.</summary>
    void Observe(ObjectChange change);

    /// <summary>Does what is due; false if nothing was.</summary>
    bool Work();
}
