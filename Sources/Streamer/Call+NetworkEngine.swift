import Call
import Network

extension Call: NetworkEngine {}
